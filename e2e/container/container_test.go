package container

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mlflow-server/e2e/buildpack/heroku"
)

const secret = "pl4nted-s3cret"

func TestTheDockerfileMakesAnImageThatServes(t *testing.T) {
	namespaces(t)
	downloads := heroku.Serve(t)
	b := newBuilder(t, downloads)
	context := contextOf(t, downloads)
	heroku.HoldsNone(t, context, secret)
	im := b.build(t, context, "")
	downloads.Hits()

	t.Run("the image holds what it needs, owned by root, and no trace of its build", func(t *testing.T) {
		t.Parallel()
		holdsWhatItNeeds(t, im)
	})
	t.Run("a change of the source uses the first layer, and nothing is fetched", func(t *testing.T) {
		t.Parallel()
		changed := contextOf(t, downloads)
		const mark = "the-source-has-changed"
		heroku.Write(t, filepath.Join(changed, "cmd", "mlflow-server", "changed.go"), "package main\n\nfunc init() { println(\""+mark+"\") }\n")
		again := b.build(t, changed, "build")
		if again.reused != 1 || len(downloads.Hits()) != 0 {
			t.Errorf("%d layers were used again", again.reused)
		}
		for _, want := range []string{"from the cache", "The buildpack is built already"} {
			if !strings.Contains(again.log.String(), want) {
				t.Errorf("%q is not in the log", want)
			}
		}
		program, err := os.ReadFile(filepath.Join(again.dir, "build", "bin", "mlflow-server"))
		if err != nil || !bytes.Contains(program, []byte(mark)) {
			t.Errorf("the program is the old one (%v)", err)
		}
	})
	t.Run("it serves as the image's user, is PID 1, and stops", func(t *testing.T) {
		t.Parallel()
		serves(t, im)
	})
	t.Run("it serves as a user that the platform chooses", func(t *testing.T) {
		t.Parallel()
		c := im.start(t, "54321:54321", login, im.command...)
		c.waitHealthy(t, im.health)
		c.stop(t)
	})
	t.Run("the health check fails where nothing listens", func(t *testing.T) {
		t.Parallel()
		if code := im.start(t, im.user, nil, im.health...).wait(t); code == 0 {
			t.Error("it is well")
		}
	})
}

func holdsWhatItNeeds(t *testing.T, im *image) {
	app := filepath.Join(im.dir, "app")
	for _, name := range []string{"bin/mlflow-server", ".mlflow", "certs/rds-global-bundle.pem"} {
		if _, err := os.Stat(filepath.Join(app, name)); err != nil {
			t.Error(err)
		}
	}
	entries, err := os.ReadDir(app)
	if err != nil || len(entries) != 3 {
		t.Errorf("/app holds %v (%v)", entries, err)
	}
	heroku.HoldsNone(t, app, "/build/.mlflow", "/build/internal", "/cache/mlflow-server", im.dir, secret)
	err = filepath.WalkDir(app, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || d.Type() == fs.ModeSymlink {
			return err
		}
		if info.Sys().(*syscall.Stat_t).Uid != 0 || info.Mode().Perm()&0o022 != 0 || info.Mode().Perm()&0o004 == 0 {
			t.Errorf("others may change %s, or not read it: %s", name, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if uid, _, ok := strings.Cut(im.user, ":"); !ok || uid == "0" || im.port != "8080" || strings.Join(im.command, " ") != "mlflow-server serve" {
		t.Errorf("user %s, port %s, command %q", im.user, im.port, im.command)
	}
}
