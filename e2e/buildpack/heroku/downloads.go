package heroku

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/provision"
)

// Downloads serves what a build fetches besides packages and modules: Go, uv and uv's Python.
type Downloads struct {
	// Address of the server.
	Address string
	// Python is the one that is served.
	Python harness.PackedPython

	mu     sync.Mutex
	hits   []string
	spoils map[string]func(http.ResponseWriter, []byte)
	lists  string
}

// Serve starts a server with all three.
func Serve(t testing.TB) *Downloads {
	t.Helper()
	d := &Downloads{Python: harness.PackPython(t), spoils: map[string]func(http.ResponseWriter, []byte){}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		var file string
		switch name {
		case "go.tar.gz":
			file = goArchive(t).path
		case "uv.tar.gz":
			file = uvArchive(t).path
		case "python.tar.gz":
			file = d.Python.Archive
		default:
			http.NotFound(w, r)
			return
		}
		d.mu.Lock()
		d.hits = append(d.hits, name)
		spoil := d.spoils[name]
		d.mu.Unlock()
		if spoil == nil {
			http.ServeFile(w, r, file)
			return
		}
		data, _ := os.ReadFile(file)
		spoil(w, data)
	}))
	t.Cleanup(server.Close)
	d.Address = server.URL
	d.lists = filepath.Join(t.TempDir(), "downloads.json")
	Write(t, d.lists, string(d.Python.Downloads(t, d.Address+"/python.tar.gz")))
	return d
}

// Pin makes a copy of this repository fetch from the server. It changes two files that are data: the pins.
func (d *Downloads) Pin(t testing.TB, repository string) {
	t.Helper()
	d.PinGo(t, repository, goArchive(t).sum)
	name := filepath.Join(repository, "internal", "provision", "pins.json")
	var pins provision.Pins
	if err := json.Unmarshal(read(t, name), &pins); err != nil {
		t.Fatal(err)
	}
	uv := uvArchive(t)
	pins.UV.Version, pins.UV.URL = uv.version, d.Address+"/uv.tar.gz"
	pins.UV.Archives = map[string]provision.Archive{runtime.GOOS + "/" + runtime.GOARCH: {Target: "test", SHA256: uv.sum}}
	pins.Python.Managed = d.Python.Minor
	text, err := json.MarshalIndent(pins, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	Write(t, name, string(text))
}

// PinGo pins a toolchain with the given checksum.
func (d *Downloads) PinGo(t testing.TB, repository, sha256 string) {
	t.Helper()
	Write(t, filepath.Join(repository, "buildpack", "toolchain.txt"), fmt.Sprintf("# of the test\nlinux-%s %s %s %s/go.tar.gz\n",
		runtime.GOARCH, strings.TrimPrefix(runtime.Version(), "go"), sha256, d.Address))
}

// Settings are the config vars with which uv finds the Python, besides what this machine needs to reach the package
// index and the module proxy.
func (d *Downloads) Settings() map[string]string {
	settings := map[string]string{"UV_PYTHON_DOWNLOADS_JSON_URL": "file://" + d.lists}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL",
			"GOPROXY", "GOSUMDB", "GONOSUMDB", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy",
			"SSL_CERT_FILE":
			settings[name] = value
		}
	}
	return settings
}

// Hits lists what was asked for since the last call.
func (d *Downloads) Hits() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	hits := d.hits
	d.hits = nil
	return hits
}

// Spoil answers requests for one file by spoil, which gets the right content; nil ends that.
func (d *Downloads) Spoil(name string, spoil func(http.ResponseWriter, []byte)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.spoils[name] = spoil
}

// Truncated breaks off half-way.
func Truncated(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	_, _ = w.Write(data[:len(data)/2])
}

// Altered answers with one byte changed.
func Altered(w http.ResponseWriter, data []byte) {
	data = append([]byte(nil), data...)
	data[len(data)/2] ^= 1
	_, _ = w.Write(data)
}
