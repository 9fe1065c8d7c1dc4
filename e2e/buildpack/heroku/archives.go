package heroku

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/provision"
)

// archive is one file of the server.
type archive struct{ path, version, sum string }

func goArchive(t testing.TB) archive { return must(t, makeGoArchive) }
func uvArchive(t testing.TB) archive { return must(t, makeUVArchive) }

func must(t testing.TB, make func() (archive, error)) archive {
	t.Helper()
	a, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// makeGoArchive packs the toolchain that runs this test, as Go's own archives are: everything in a directory "go". The
// parts that the buildpack would not unpack are left out, for the sake of time; so is what only race and cgo builds need.
var makeGoArchive = sync.OnceValues(func() (archive, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return archive{}, err
	}
	goroot := strings.TrimSpace(string(root))
	return pack("go", runtime.Version(), filepath.Dir(goroot), filepath.Base(goroot),
		"--exclude=testdata", "--exclude=*_test.go", "--exclude="+filepath.Base(goroot)+"/test", "--exclude=*/race_*.syso",
		"--transform=s,^"+filepath.Base(goroot)+",go,S")
})

// makeUVArchive packs a uv of this machine, or one from the package index, as uv's own archives are.
var makeUVArchive = sync.OnceValues(func() (archive, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	path, version, err := provision.FindUV(ctx, provision.Options{})
	if err != nil {
		return archive{}, err
	}
	return pack("uv", version, filepath.Dir(path), filepath.Base(path), "--transform=s,^,uv-test/,")
})

// pack makes name.tar.gz of one entry of a directory.
func pack(name, version, dir, entry string, options ...string) (archive, error) {
	scratch, err := harness.Scratch("mlflow-server-e2e-" + name + "-")
	if err != nil {
		return archive{}, err
	}
	a := archive{path: filepath.Join(scratch, name+".tar.gz"), version: version}
	args := append([]string{"--create", "--use-compress-program=gzip -1", "--file=" + a.path, "--directory=" + dir}, options...)
	if out, err := exec.Command("tar", append(args, entry)...).CombinedOutput(); err != nil {
		return a, fmt.Errorf("packing %s: %w\n%s", entry, err, out)
	}
	file, err := os.Open(a.path)
	if err != nil {
		return a, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return a, err
	}
	a.sum = hex.EncodeToString(sum.Sum(nil))
	return a, nil
}

func goVersion() string { return runtime.Version() }
