package assets

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Where the files are in a runtime: MLflow's own directory below site-packages (mlflow/server/__init__.py), and the one
// that Compress fills, beside site-packages.
const (
	sourceDir     = "mlflow/server/js/build"
	CompressedDir = "ui"
)

// SourceDir is where MLflow keeps its user interface, given the directory of its packages.
func SourceDir(packages string) string { return filepath.Join(packages, filepath.FromSlash(sourceDir)) }

// Room answers requests for the files of MLflow's user interface. It is a gate.Room, and serves nothing before Open.
type Room struct {
	files  atomic.Pointer[table]
	mlflow http.HandlerFunc
	log    *slog.Logger
}

// New returns a room without files. What it cannot serve after all goes to mlflow.
func New(mlflow http.HandlerFunc, log *slog.Logger) *Room { return &Room{mlflow: mlflow, log: log} }

// Open gives the room the files in source, with what there is of their compressed forms in compressed. It reads
// the content of those only that have no hash in their name.
func (room *Room) Open(source, compressed string) error {
	t, err := load(source, compressed)
	if err != nil {
		return err
	}
	if t[indexPage] == nil {
		return nil // MLflow has something to say about that
	}
	room.files.Store(&t)
	return nil
}

// indexPage is the page that loads all the others.
const indexPage = "index.html"

// name is the file that a path stands for.
func name(path string) string {
	if path == "/" {
		return indexPage
	}
	rest, ok := strings.CutPrefix(path, "/static-files/")
	if !ok {
		return ""
	}
	return rest
}

func (room *Room) find(path string) *asset {
	files := room.files.Load()
	if files == nil {
		return nil
	}
	return (*files)[name(path)]
}

// Serves implements gate.Room: what there is no file for is MLflow's.
func (room *Room) Serves(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && room.find(r.URL.Path) != nil
}

// How long browsers may keep a file without asking again. Only they may, not caches in between: everything here is behind
// a login.
const (
	forever = "private, max-age=31536000, immutable"
	askEach = "private, no-cache"
)

// ServeHTTP implements http.Handler.
func (room *Room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := room.find(r.URL.Path)
	encoding := a.choose(r.Header)
	content, size, etag, closeIt, err := a.forms[encoding].open()
	if err != nil {
		room.log.Warn("a file of the user interface cannot be read, MLflow sends it", "path", a.path, "cause", err)
		room.mlflow(w, r)
		return
	}
	defer closeIt()
	h := w.Header()
	h.Set("Content-Type", a.contents)
	h.Set("Etag", etag)
	h.Set("Cache-Control", askEach)
	if a.immutable {
		h.Set("Cache-Control", forever)
	}
	if len(a.forms) > 1 {
		h.Add("Vary", "Accept-Encoding")
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		h.Set("Content-Length", strconv.FormatInt(size, 10)) // ServeContent leaves it out beside an encoding
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// choose is the best encoding that the request takes.
func (a *asset) choose(h http.Header) string {
	for _, how := range encodings {
		if a.forms[how.name] != nil && accepts(h, how.name) {
			return how.name
		}
	}
	return ""
}
