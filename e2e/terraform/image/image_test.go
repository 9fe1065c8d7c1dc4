package image_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// fakeDocker writes down its arguments, and for a login what it reads.
const fakeDocker = `#!/bin/sh
printf '%s\n' "$*" >> "$DOCKER_LOG"
case $1 in
login) printf 'stdin: %s\n' "$(cat)" >> "$DOCKER_LOG" ;;
push) [ -z "$DOCKER_PUSH_FAILS" ] || exit 1 ;;
esac
`

// root is a configuration with the registry alone: the database that the whole stack has takes minutes.
const root = `
variable "source_dir" {
  type = string
}
variable "architecture" {
  type    = string
  default = "X86_64"
}
variable "image_tag" {
  type    = string
  default = null
}
provider "aws" {
  region = "us-east-1"
}
module "registry" {
  source       = "./modules/registry"
  name         = "mlflow-test"
  region       = "us-east-1"
  source_dir   = var.source_dir
  architecture = var.architecture
  image_tag    = var.image_tag
}
output "image" {
  value = module.registry.image
}
`

type site struct {
	tf          *cloud.Terraform
	moto        *cloud.Moto
	source, log string
	bin         string
}

func TestTerraformBuildsAndPushesTheImage(t *testing.T) {
	s := newSite(t)

	t.Run("without docker it says what to do", func(t *testing.T) {
		printed, err := s.tf.In(t, s.tf.Dir).Run("apply", "-auto-approve", "-input=false", "-var", "source_dir="+s.source)
		if err == nil || !strings.Contains(printed, "docker is not on the PATH") || !strings.Contains(printed, "-var image=") {
			t.Errorf("the error does not name docker and the way out (%v):\n%s", err, harness.Tail(printed, 20))
		}
	})

	write(t, filepath.Join(s.bin, "docker"), fakeDocker, 0o755)
	var first string
	t.Run("it logs in, builds for the tasks' architecture and pushes", func(t *testing.T) {
		asked := s.apply(t)
		first = s.image(t)
		registry, _, _ := strings.Cut(first, "/")
		if !regexp.MustCompile(`^123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com/mlflow-test:src-[0-9a-f]{16}-x86_64$`).MatchString(first) {
			t.Errorf("the image is called %s", first)
		}
		want := []string{
			"version", "login --username AWS --password-stdin " + registry, "stdin: ",
			fmt.Sprintf("build --platform linux/amd64 --tag %s %s", first, s.source), "push " + first, "logout " + registry,
		}
		if len(asked) != len(want) {
			t.Fatalf("docker was asked:\n%s", strings.Join(asked, "\n"))
		}
		for i := range want {
			if !strings.HasPrefix(asked[i], want[i]) || (want[i] == "stdin: " && len(asked[i]) < 20) {
				t.Errorf("docker was asked %q, not %q", asked[i], want[i])
			}
		}
	})

	t.Run("nothing is built while nothing changes, tests and documents included", func(t *testing.T) {
		write(t, filepath.Join(s.source, "internal/room/room_test.go"), "package room // changed", 0o600)
		write(t, filepath.Join(s.source, "README.md"), "changed", 0o600)
		if asked := s.apply(t); len(asked) > 0 || s.image(t) != first {
			t.Errorf("docker was asked %q for %s", asked, s.image(t))
		}
	})

	t.Run("an edit of the source alone builds the next image", func(t *testing.T) {
		write(t, filepath.Join(s.source, "internal/room/room.go"), "package room // edited", 0o600)
		asked := s.apply(t)
		if next := s.image(t); next == first || !slices.Contains(asked, "push "+next) {
			t.Errorf("docker was asked %q for %s after %s", asked, next, first)
		}
	})

	t.Run("an image that is there already is not built again", func(t *testing.T) {
		write(t, filepath.Join(s.source, "internal/room/room.go"), "package room // changed", 0o600)
		s.push(t, "mlflow-test", "2.0.0-x86_64")
		if asked := s.apply(t, "-var", "image_tag=2.0.0"); len(asked) > 0 {
			t.Errorf("docker was asked %q for an image that is there", asked)
		}
	})

	t.Run("for another architecture it is built under the same given tag", func(t *testing.T) {
		asked := s.apply(t, "-var", "image_tag=2.0.0", "-var", "architecture=ARM64")
		image := s.image(t)
		want := fmt.Sprintf("build --platform linux/arm64 --tag %s %s", image, s.source)
		if !strings.HasSuffix(image, ":2.0.0-arm64") || !slices.Contains(asked, want) || !slices.Contains(asked, "push "+image) {
			t.Errorf("docker was asked %q for %s", asked, image)
		}
	})

	t.Run("it is built for the tasks' architecture, and a push that fails fails the apply", func(t *testing.T) {
		tf := s.tf.In(t, s.tf.Dir)
		tf.Env = append(tf.Env, "DOCKER_PUSH_FAILS=1")
		printed, err := tf.Run("apply", "-auto-approve", "-input=false", "-var", "source_dir="+s.source, "-var", "architecture=ARM64")
		if err == nil || !strings.Contains(printed, "The image was not built: docker push of") {
			t.Errorf("the apply succeeded, or failed otherwise (%v):\n%s", err, harness.Tail(printed, 20))
		}
		asked, err := os.ReadFile(s.log)
		pushed := regexp.MustCompile(`(?m)^push (\S+-arm64)$`).FindStringSubmatch(string(asked))
		if err != nil || pushed == nil || !strings.Contains(string(asked), "build --platform linux/arm64 --tag "+pushed[1]) || strings.HasPrefix(first, strings.TrimSuffix(pushed[1], "-arm64")) {
			t.Errorf("docker was asked for the same image as before, or for another architecture (%v):\n%s", err, asked)
		}
	})
}

// newSite is a source of three files, a configuration, and a PATH on which there is an aws and no docker.
func newSite(t *testing.T) site {
	t.Helper()
	aws := harness.Require(t, "aws")
	s := site{moto: cloud.StartMoto(t), source: t.TempDir(), bin: t.TempDir()}
	s.log = filepath.Join(t.TempDir(), "docker.log")
	write(t, filepath.Join(s.source, "Dockerfile"), "FROM scratch", 0o600)
	write(t, filepath.Join(s.source, "internal/room/room.go"), "package room", 0o600)
	write(t, filepath.Join(s.source, "internal/room/room_test.go"), "package room", 0o600)

	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "modules"), os.DirFS(filepath.Join(cloud.Repository(t), "terraform/modules"))); err != nil {
		t.Fatal(err)
	}
	// CopyFS keeps no permission to execute, and none is needed.
	write(t, filepath.Join(dir, "main.tf"), root, 0o600)
	s.tf = cloud.At(t, s.moto, dir)
	s.tf.Must("init", "-input=false")

	// A directory with aws alone: the machine's own has a docker, perhaps.
	write(t, filepath.Join(s.bin, "aws"), "#!/bin/sh\nPATH=$REAL_PATH exec "+aws+" \"$@\"\n", 0o755)
	for _, name := range []string{"sh", "cat", "terraform"} {
		if err := os.Symlink(harness.Require(t, name), filepath.Join(s.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.tf.Env = append(s.tf.Env, "PATH="+s.bin, "REAL_PATH="+os.Getenv("PATH"), "DOCKER_LOG="+s.log)
	return s
}

// apply applies and returns what docker was asked meanwhile.
func (s site) apply(t *testing.T, more ...string) []string {
	t.Helper()
	if err := os.RemoveAll(s.log); err != nil {
		t.Fatal(err)
	}
	s.tf.In(t, s.tf.Dir).Must(append([]string{"apply", "-auto-approve", "-input=false", "-var", "source_dir=" + s.source}, more...)...)
	text, err := os.ReadFile(s.log)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func (s site) image(t *testing.T) string { return s.tf.In(t, s.tf.Dir).Outputs()["image"] }

// push puts an image into the registry as somebody else would.
func (s site) push(t *testing.T, repository, tag string) {
	t.Helper()
	printed, err := s.moto.Python(t, `
import boto3, json, sys
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": "sha256:" + "0" * 64}, "layers": []}
boto3.client("ecr").put_image(repositoryName=sys.argv[1], imageTag=sys.argv[2], imageManifest=json.dumps(manifest))
`, nil, repository, tag)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
