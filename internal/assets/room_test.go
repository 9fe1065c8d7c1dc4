package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

var script = strings.Repeat("console.log('a line of script');\n", 200)

// build lays out a small user interface.
func build(t *testing.T) (source string) {
	t.Helper()
	source = t.TempDir()
	for name, text := range map[string]string{
		"index.html":                                   "<!doctype html><title>MLflow</title>" + strings.Repeat(" ", 2000),
		"favicon.ico":                                  "icon",
		"manifest.json":                                "{}",
		"static/js/main.c2f5f8d4.js":                   script,
		"static/js/main.c2f5f8d4.js.map":               script,
		"static/js/main.c2f5f8d4.js.LICENSE.txt":       script,
		"static/js/monaco.worker.js":                   script + "// worker",
		"static/media/logo.8b43027f47b20503.png":       "\x89PNG" + script,
		"static/media/worker.16b289c2599c81a29db9.mjs": script + "// module",
	} {
		path := filepath.Join(source, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return source
}

// open returns rooms with and without files that were compressed before.
func open(t *testing.T) map[string]*Room {
	t.Helper()
	source, compressed := build(t), t.TempDir()
	if _, err := Compress(t.Context(), source, compressed); err != nil {
		t.Fatal(err)
	}
	rooms := map[string]*Room{}
	for name, dir := range map[string]string{"compressed before": compressed, "compressed on first need": t.TempDir()} {
		room := New(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "from MLflow") }, slog.New(slog.DiscardHandler))
		if err := room.Open(source, dir); err != nil {
			t.Fatal(err)
		}
		rooms[name] = room
	}
	return rooms
}

func ask(t *testing.T, room *Room, method, path string, headers map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if !room.Serves(r) {
		t.Fatalf("the room does not serve %s %s", method, path)
	}
	w := httptest.NewRecorder()
	room.ServeHTTP(w, r)
	return w.Result()
}

func decode(t *testing.T, r *http.Response) string {
	t.Helper()
	var from io.Reader = r.Body
	switch r.Header.Get("Content-Encoding") {
	case "br":
		from = brotli.NewReader(r.Body)
	case "gzip":
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = unzipped
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilesAreSentInTheBestFormThatTheBrowserTakes(t *testing.T) {
	t.Parallel()
	for name, room := range open(t) {
		for _, c := range []struct{ path, accept, encoding, contents, cache string }{
			{"/static-files/static/js/main.c2f5f8d4.js", "gzip, deflate, br, zstd", "br", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/main.c2f5f8d4.js", "gzip, deflate", "gzip", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/main.c2f5f8d4.js", "br;q=0, gzip;q=0.5", "gzip", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/main.c2f5f8d4.js", "*", "br", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/main.c2f5f8d4.js", "identity", "", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/main.c2f5f8d4.js", "", "", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/js/monaco.worker.js", "br", "br", "text/javascript; charset=utf-8", askEach},
			{"/static-files/static/media/worker.16b289c2599c81a29db9.mjs", "br", "br", "text/javascript; charset=utf-8", forever},
			{"/static-files/static/media/logo.8b43027f47b20503.png", "br", "", "image/png", forever},
			{"/static-files/static/js/main.c2f5f8d4.js.map", "br", "", "application/json", forever},
			{"/static-files/static/js/main.c2f5f8d4.js.LICENSE.txt", "br", "", "text/plain; charset=utf-8", forever},
			{"/static-files/favicon.ico", "br", "", "image/x-icon", askEach},
			{"/static-files/index.html", "br", "br", "text/html; charset=utf-8", askEach},
			{"/", "br", "br", "text/html; charset=utf-8", askEach},
		} {
			got := ask(t, room, "GET", c.path, map[string]string{"Accept-Encoding": c.accept})
			h := got.Header
			if got.StatusCode != 200 || h.Get("Content-Encoding") != c.encoding || h.Get("Content-Type") != c.contents || h.Get("Cache-Control") != c.cache {
				t.Errorf("%s: %s for %q: status %d, %v", name, c.path, c.accept, got.StatusCode, h)
			}
			if compresses := strings.Contains(h.Get("Vary"), "Accept-Encoding"); c.encoding != "" && !compresses {
				t.Errorf("%s: %s does not say that its answer varies", name, c.path)
			}
			body, _ := io.ReadAll(got.Body)
			if h.Get("Content-Length") == "" || got.ContentLength != int64(len(body)) {
				t.Errorf("%s: %s says it has %s bytes and has %d", name, c.path, h.Get("Content-Length"), len(body))
			}
			got.Body = io.NopCloser(bytes.NewReader(body))
			want, err := os.ReadFile(room.find(c.path).path)
			if err != nil {
				t.Fatal(err)
			}
			if decode(t, got) != string(want) {
				t.Errorf("%s: %s for %q is another text", name, c.path, c.accept)
			}
		}
	}
}

func TestABrowserThatHasAFileIsToldSo(t *testing.T) {
	t.Parallel()
	for name, room := range open(t) {
		tags := map[string]bool{}
		for _, accept := range []string{"br", "gzip", ""} {
			headers := map[string]string{"Accept-Encoding": accept}
			tag := ask(t, room, "GET", "/", headers).Header.Get("Etag")
			if tag == "" || tags[tag] {
				t.Fatalf("%s: the tag for %q is %q, which another form has too, or none", name, accept, tag)
			}
			tags[tag] = true
			headers["If-None-Match"] = tag
			again := ask(t, room, "GET", "/", headers)
			if body, _ := io.ReadAll(again.Body); again.StatusCode != http.StatusNotModified || len(body) > 0 || again.Header.Get("Etag") != tag {
				t.Errorf("%s: the second answer for %q is %d with %d bytes", name, accept, again.StatusCode, len(body))
			}
		}
		old := ask(t, room, "GET", "/", map[string]string{"Accept-Encoding": "br", "If-None-Match": `"of the version before"`})
		if old.StatusCode != 200 {
			t.Errorf("%s: an old page is answered with %d", name, old.StatusCode)
		}
	}
}

func TestHeadersAndPartsAreSentWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	const path = "/static-files/static/js/main.c2f5f8d4.js"
	for name, room := range open(t) {
		for _, accept := range []string{"br", ""} {
			whole := ask(t, room, "GET", path, map[string]string{"Accept-Encoding": accept})
			text, _ := io.ReadAll(whole.Body)
			head := ask(t, room, "HEAD", path, map[string]string{"Accept-Encoding": accept})
			if body, _ := io.ReadAll(head.Body); len(body) > 0 || head.Header.Get("Content-Length") != whole.Header.Get("Content-Length") {
				t.Errorf("%s: HEAD answers %v with %d bytes", name, head.Header, len(body))
			}
			part := ask(t, room, "GET", path, map[string]string{"Accept-Encoding": accept, "Range": "bytes=10-19"})
			if body, _ := io.ReadAll(part.Body); part.StatusCode != http.StatusPartialContent || !bytes.Equal(body, text[10:20]) {
				t.Errorf("%s: a part is answered with %d and %q", name, part.StatusCode, body)
			}
			beyond := ask(t, room, "GET", path, map[string]string{"Accept-Encoding": accept, "Range": "bytes=999999-"})
			if beyond.StatusCode != http.StatusRequestedRangeNotSatisfiable {
				t.Errorf("%s: a part beyond the end is answered with %d", name, beyond.StatusCode)
			}
		}
	}
}

func TestWhatIsNoFileOfTheUserInterfaceIsMLflowsToAnswer(t *testing.T) {
	t.Parallel()
	for name, room := range open(t) {
		for _, request := range [][2]string{
			{"GET", "/static-files/static/js/missing.js"}, {"GET", "/static-files/"}, {"GET", "/static-files"}, {"GET", "/index.html"},
			{"GET", "/static-files/static"}, {"GET", "/static-files/../index.html"}, {"POST", "/"}, {"OPTIONS", "/static-files/favicon.ico"},
			{"GET", "/api/2.0/mlflow/experiments/search"}, {"GET", "//"}, {"GET", ""},
		} {
			r := httptest.NewRequestWithContext(t.Context(), request[0], "/", nil)
			r.URL.Path = request[1]
			if room.Serves(r) {
				t.Errorf("%s: the room serves %s %s", name, request[0], request[1])
			}
		}
	}
	if New(nil, nil).Serves(httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)) {
		t.Error("a room without files serves the first page")
	}
}

func TestAFileThatHasGoneIsLeftToMLflow(t *testing.T) {
	t.Parallel()
	source, compressed := build(t), t.TempDir()
	if _, err := Compress(t.Context(), source, compressed); err != nil {
		t.Fatal(err)
	}
	room := New(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "from MLflow") }, slog.New(slog.DiscardHandler))
	if err := room.Open(source, compressed); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(compressed); err != nil {
		t.Fatal(err)
	}
	got := ask(t, room, "GET", "/", map[string]string{"Accept-Encoding": "br"})
	if body, _ := io.ReadAll(got.Body); string(body) != "from MLflow" || len(got.Header) > 1 {
		t.Errorf("got %q with %v", body, got.Header)
	}
}

func TestFilesThatAreNotThoseOfTheIndexAreCompressedAnew(t *testing.T) {
	t.Parallel()
	source, compressed := build(t), t.TempDir()
	if _, err := Compress(t.Context(), source, compressed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "index.html"), []byte("<!doctype html>new"+strings.Repeat("er", 2000)), 0o644); err != nil {
		t.Fatal(err)
	}
	room := New(nil, nil)
	if err := room.Open(source, compressed); err != nil {
		t.Fatal(err)
	}
	if text := decode(t, ask(t, room, "GET", "/", map[string]string{"Accept-Encoding": "br"})); !strings.Contains(text, "newer") {
		t.Errorf("got %.60q", text)
	}
}

func TestAnotherPageOfTheSameLengthIsNotTakenForTheOldOne(t *testing.T) {
	source, compressed := build(t), t.TempDir()
	if _, err := Compress(t.Context(), source, compressed); err != nil {
		t.Fatal(err)
	}
	opened := func() *Room {
		room := New(func(http.ResponseWriter, *http.Request) { t.Error("MLflow was asked") }, slog.New(slog.DiscardHandler))
		if err := room.Open(source, compressed); err != nil {
			t.Fatal(err)
		}
		return room
	}
	before := opened()
	path := filepath.Join(source, "index.html")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(string(text), "MLflow", "MLFLOW", 1)
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
	room := opened()
	for _, encoding := range []string{"", "gzip", "br"} {
		old := ask(t, before, "GET", "/", map[string]string{"Accept-Encoding": encoding}).Header.Get("Etag")
		r := ask(t, room, "GET", "/", map[string]string{"Accept-Encoding": encoding, "If-None-Match": old})
		if got := decode(t, r); r.StatusCode != 200 || got != want || r.Header.Get("Etag") == old {
			t.Errorf("in %q: %d %.60q, tag %s after %s", encoding, r.StatusCode, got, r.Header.Get("Etag"), old)
		}
	}
}

func TestADirectoryIsCompleteWhenItsIndexIsWritten(t *testing.T) {
	t.Parallel()
	source, compressed := build(t), filepath.Join(t.TempDir(), "new")
	if Complete(compressed) {
		t.Error("a directory that is not there is complete")
	}
	sum, err := Compress(t.Context(), source, compressed)
	if err != nil || !Complete(compressed) {
		t.Fatal(sum, err)
	}
	if sum.Files != 4 || sum.Brotli >= sum.Gzip || sum.Gzip >= sum.Size {
		t.Errorf("compressed %+v", sum)
	}
	if err := os.WriteFile(filepath.Join(compressed, indexFile), []byte(`{"format": 99}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if Complete(compressed) {
		t.Error("a directory of another format is complete")
	}
}
