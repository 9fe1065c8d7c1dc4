package provision

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// uvArchive is a release archive whose uv is testdata/uv.
func uvArchive(t *testing.T) []byte {
	t.Helper()
	script := readFile(t, "testdata/uv")
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	pack := tar.NewWriter(zip)
	for name, text := range map[string]string{"uv-x/uvx": "#!/bin/sh\nexit 9\n", "uv-x/uv": script} {
		if err := pack.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := pack.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(pack.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// uvServer serves that archive and gives pins for it. asked counts the requests.
func uvServer(t *testing.T) (pins *Pins, asked *atomic.Int32) {
	t.Helper()
	archive := uvArchive(t)
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(archive)
	own := DefaultPins()
	own.UV.URL = server.URL + "/{version}/uv-{target}.tar.gz"
	own.UV.Archives = map[string]Archive{platform(): {Target: "x", SHA256: hex.EncodeToString(sum[:])}}
	return &own, asked
}

func TestUVIsTakenFromPATHWhenItIsNewEnough(t *testing.T) {
	pins, asked := uvServer(t)
	environ := fakeUV(t)
	path, version, err := FindUV(t.Context(), Options{Environ: environ, CacheDir: t.TempDir(), Pins: pins})
	if err != nil || version != "0.12.5" || !strings.HasPrefix(value(environ, "PATH"), filepath.Dir(path)) || asked.Load() != 0 {
		t.Errorf("got %s %s after %d downloads, %v", path, version, asked.Load(), err)
	}
}

func TestUVIsDownloadedOnceWhenPATHHasNone(t *testing.T) {
	pins, asked := uvServer(t)
	cache := t.TempDir()
	for range 2 {
		path, version, err := FindUV(t.Context(), Options{Environ: []string{"PATH=/nonexistent"}, CacheDir: cache, Pins: pins})
		if err != nil || version != "0.12.5" || !strings.HasPrefix(path, cache) {
			t.Errorf("got %s %s, %v", path, version, err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("it was downloaded %d times", asked.Load())
	}
}

func TestAnOldUVOnPATHIsNamedAndPassedOver(t *testing.T) {
	pins, _ := uvServer(t)
	pins.UV.Version = "0.4.1" // what the served one says of itself under FAKE_UV_VERSION
	var log notes
	path, _, err := FindUV(t.Context(), Options{
		Environ: fakeUV(t, "FAKE_UV_VERSION=0.4.1"), CacheDir: t.TempDir(), Pins: pins, Progress: &log,
	})
	if err != nil || strings.Contains(path, "/bin/uv") || !strings.Contains(log.String(), "is 0.4.1, older than "+pins.UV.Minimum) {
		t.Errorf("got %s, %v, log\n%s", path, err, &log)
	}
}

func TestAStoredUVThatIsDamagedIsFetchedAnew(t *testing.T) {
	pins, asked := uvServer(t)
	cache := t.TempDir()
	o := Options{Environ: []string{"PATH=/nonexistent"}, CacheDir: cache, Pins: pins}
	path, _, err := FindUV(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	whole := readFile(t, path)
	for downloads, damaged := range []string{"cut off", whole + "# one byte more, and it runs\n"} {
		writeFile(t, path, damaged, 0o755)
		var log notes
		o.Progress = &log
		if again, _, err := FindUV(t.Context(), o); err != nil || again != path || int(asked.Load()) != downloads+2 {
			t.Errorf("got %s after %d downloads, %v", again, asked.Load(), err)
		}
		if !strings.Contains(log.String(), "uv fetched before") {
			t.Errorf("the log does not say so:\n%s", &log)
		}
	}
}

func TestADownloadedUVWithAnotherChecksumIsNotRun(t *testing.T) {
	pins, _ := uvServer(t)
	for platform, archive := range pins.UV.Archives {
		archive.SHA256 = strings.Repeat("0", 64)
		pins.UV.Archives[platform] = archive
	}
	cache := t.TempDir()
	in, err := newInstallation(Options{Environ: []string{"PATH=/nonexistent"}, CacheDir: cache, Pins: pins})
	if err != nil {
		t.Fatal(err)
	}
	in.retry = time.Millisecond
	_, err = in.findUV(t.Context())
	if e := (*Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), "its sha256 is") || !strings.Contains(e.Advice, "Install uv") ||
		!strings.Contains(err.Error(), "there is no Python on PATH") {
		t.Errorf("error %v", err)
	}
	if left := names(t, filepath.Join(cache, "uv")); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

func TestUVComesThroughPipWhenItCannotBeDownloaded(t *testing.T) {
	bin := t.TempDir()
	// The first has no pip; the second's pip works.
	writeFile(t, filepath.Join(bin, "python3"), "#!/bin/sh\necho 'No module named pip' >&2; exit 1\n", 0o755)
	writeFile(t, filepath.Join(bin, "python3.12"), `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in *--no-deps*--require-hashes*) ;; *) exit 3 ;; esac
while [ $# -gt 0 ]; do
  [ "$1" = --target ] && target=$2
  [ "$1" = --requirement ] && requirement=$2
  shift
done
grep -q '^uv==' "$requirement" && mkdir -p "$target/bin" && cp "$UV_SCRIPT" "$target/bin/uv" && chmod 755 "$target/bin/uv"
`, 0o755)
	script, err := filepath.Abs("testdata/uv")
	if err != nil {
		t.Fatal(err)
	}
	pins := DefaultPins()
	pins.UV.Archives = nil // as on a platform without a pinned archive
	cache := t.TempDir()
	var log notes
	path, version, err := FindUV(t.Context(), Options{
		Environ:  []string{"PATH=" + bin, "UV_SCRIPT=" + script, "PIP_CONFIG_FILE=" + os.DevNull},
		CacheDir: cache, Pins: &pins, Progress: &log,
	})
	if err != nil || version != "0.12.5" || !strings.HasPrefix(path, cache) {
		t.Errorf("got %s %s, %v", path, version, err)
	}
	if !strings.Contains(log.String(), "no archive is pinned for "+platform()) {
		t.Errorf("the log does not say why:\n%s", &log)
	}
}
