package container

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

// image is a root with the files that the instructions made, and what else they said.
type image struct {
	dir     string
	env     []string
	workdir string
	user    string
	volume  string
	port    string
	command []string
	health  []string
	// log is what its RUNs printed, those that a layer saved excepted; reused counts those.
	log    strings.Builder
	reused int
}

// builder builds images from one context after another.
type builder struct {
	// environ is added to the environment of every RUN, and shared are directories of this machine that it sees.
	environ, shared []string
	// prepare fills a root before the first instruction of the first stage.
	prepare func(dir string)
	layers  layers
}

// build follows the instructions of all stages up to one; "" is the last.
func (b *builder) build(t *testing.T, context, target string) *image {
	t.Helper()
	images := map[string]*image{}
	var last *image
	for _, s := range parse(t, filepath.Join(heroku.Root(t), "Dockerfile")) {
		last = b.stage(t, s, context, images)
		if images[s.name] = last; target != "" && s.name == target {
			break
		}
	}
	return last
}

func (b *builder) stage(t *testing.T, s stage, context string, earlier map[string]*image) *image {
	t.Helper()
	im := &image{dir: root(t), workdir: "/", user: "0",
		env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}}
	if len(earlier) == 0 {
		b.prepare(im.dir)
	}
	key, runs := s.base, 0
	for _, step := range s.steps {
		var copied []string
		switch step.name {
		case "WORKDIR":
			im.workdir = step.rest
			must(t, os.MkdirAll(filepath.Join(im.dir, im.workdir), 0o755))
		case "USER":
			im.user = step.rest
		case "ENV":
			im.env = append(im.env, strings.Fields(step.rest)...)
		case "ARG":
			im.env = append(im.env, step.rest+"="+heroku.Commit)
		case "COPY":
			copied = im.copy(t, step.rest, context, earlier)
		case "RUN":
			key = keyOf(t, key, step)
			if runs++; runs > 1 || len(earlier) > 0 {
				im.run(t, b, step.rest)
			} else if dir, ok := b.layers.take(key); ok {
				im.dir, im.reused = dir, im.reused+1
			} else { // the one that an engine is hoped to keep
				im.run(t, b, step.rest)
				b.layers.keep(t, key, im.dir)
			}
			continue
		case "VOLUME":
			im.volume = step.rest
		case "EXPOSE":
			im.port = step.rest
		case "CMD":
			im.command = words(t, step.rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(step.rest, "CMD ")
			im.health = words(t, command)
		default:
			t.Fatalf("this test does not know %s", step.name)
		}
		key = keyOf(t, key, step, copied...)
	}
	return im
}

// copy is COPY: files and directories' contents, owned by root. It returns what it copied of the context.
func (im *image) copy(t *testing.T, rest, context string, earlier map[string]*image) (sources []string) {
	t.Helper()
	from := context
	if option, more, ok := strings.Cut(rest, " "); ok && strings.HasPrefix(option, "--from=") {
		from, rest = earlier[strings.TrimPrefix(option, "--from=")].dir, more
	}
	fields := strings.Fields(rest)
	to := fields[len(fields)-1]
	into := strings.HasSuffix(to, "/") // it names a directory
	if !path.IsAbs(to) {
		to = path.Join(im.workdir, to)
	}
	target := filepath.Join(im.dir, to)
	for _, source := range fields[:len(fields)-1] {
		at := filepath.Join(from, source)
		if from == context {
			sources = append(sources, at)
		}
		info, err := os.Stat(at)
		must(t, err)
		file := target
		switch {
		case info.IsDir():
			at += "/."
			must(t, os.MkdirAll(target, 0o755))
		case into:
			file = filepath.Join(target, path.Base(source))
			must(t, os.MkdirAll(target, 0o755))
		default:
			must(t, os.MkdirAll(filepath.Dir(target), 0o755))
		}
		if out, err := exec.CommandContext(t.Context(), "cp", "--archive", "--remove-destination", "--no-preserve=ownership", at, file).CombinedOutput(); err != nil {
			t.Fatalf("COPY %s: %v\n%s", rest, err, out)
		}
	}
	return sources
}

// run is RUN.
func (im *image) run(t *testing.T, b *builder, command string) {
	t.Helper()
	args := append(append([]string{}, unshare...), "sh", "-c", system+withShared+`workdir=$1 command=$2
shift 2
exec chroot . /usr/bin/env -i "$@" sh -c "cd $workdir && $command"`, "sh", im.dir, strconv.Itoa(len(b.shared)))
	args = append(append(append(args, b.shared...), im.workdir, command), im.env...)
	args = append(args, b.environ...)
	out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
	t.Logf("RUN %s\n%s", command, out)
	if err != nil {
		t.Fatalf("RUN %s: %v", command, err)
	}
	im.log.Write(out)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("preparing the image: %w", err))
	}
}
