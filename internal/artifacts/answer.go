package artifacts

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"

	"mlflow-server/internal/gate"
)

// handToMLflow decides about a request whose path alone does not tell whether this room has the answer. It reports
// whether MLflow has answered.
func (room *Room) handToMLflow(w http.ResponseWriter, r *http.Request, route route) bool {
	switch route.action {
	case serverInfo:
		room.withoutOffers(w, r)
		return true
	case runUpload:
		if err := room.uploadThroughMLflow(w, r); err != nil {
			commonHeaders(w.Header())
			fail(w, r, route.compact, err)
		}
		return true
	case runFile, modelFile:
		// MLflow's own answer to what is missing is an HTML page of its framework.
		if _, ok := queryValue(r.URL.RawQuery, "path"); !ok {
			gate.Fallback(w, r)
			return true
		}
	}
	return false
}

// answer serves one request. An error is not answered yet, unless it is errAnswered.
func (room *Room) answer(w http.ResponseWriter, r *http.Request, route route) (outcome, error) {
	given := route.path
	switch route.action {
	case list:
		given, _ = queryValue(r.URL.RawQuery, "path")
	case runFile, modelFile:
		given, _ = queryValue(r.URL.RawQuery, "path")
	}
	name, err := cleanPath(given)
	if err != nil {
		if route.action == upload {
			drain(r)
		}
		return outcome{path: escapeControls(given)}, invalid("Invalid path")
	}
	done := outcome{path: name}
	switch route.action {
	case download:
		return room.download(w, r, route, name, path.Base("/"+name), lastSegment(name))
	case runFile, modelFile:
		return room.downloadOf(w, r, route, name)
	case upload:
		return room.upload(w, r, name)
	case list:
		return done, room.list(w, r, name)
	case remove:
		if path.Clean(name) == "." {
			return done, invalid("Invalid path") // all artifacts of everybody, in MLflow's directory store
		}
		if err := room.store.remove(r.Context(), name); err != nil {
			return done, err
		}
		writeJSON(w, r, http.StatusOK, "{}")
		return done, nil
	default:
		return room.answerDirect(w, r, route, name)
	}
}

// lastSegment is Python's posixpath.basename.
func lastSegment(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// download sends a file; mimeName decides about its type, fileName is what the client shall call it.
func (room *Room) download(w http.ResponseWriter, r *http.Request, route route, name, mimeName, fileName string) (outcome, error) {
	release, err := room.limits.transfers.enter(r.Context(), gate.User(r))
	if err != nil {
		return outcome{path: name}, err
	}
	defer release()
	if !route.compact { // pathlib.Path(…).name, which looks past a slash at the end
		fileName = strings.Trim(path.Base("/"+name), "/")
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Header().Set("Content-Type", downloadType(mimeName))
	w.Header().Set("Content-Disposition", attachment(fileName))
	sent := &sentCounter{ResponseWriter: w, ctx: r.Context()}
	err = room.store.serve(sent, r, name)
	switch {
	case errors.Is(err, errMissing):
		err = notFound("No such artifact: '%s'", name)
	case errors.Is(err, errFolder):
		err = folder(route, name)
	}
	return outcome{path: name, bytes: sent.bytes}, err
}

func folder(route route, name string) error {
	f := invalid("Artifact path refers to a directory, not a file: '%s'", name)
	if route.compact {
		f.code = ""
	}
	return f
}

// downloadOf sends a file of a run or of a model version.
func (room *Room) downloadOf(w http.ResponseWriter, r *http.Request, route route, name string) (outcome, error) {
	root, err := room.locate.root(r, route.action)
	if err != nil {
		// Nothing there, or in a store that only MLflow knows how to reach: its answer is the right one.
		w.Header().Del("Vary") // MLflow's answer has its own
		gate.Fallback(w, r)
		return outcome{path: name}, nil
	}
	joined := root
	if joined != "" && !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	joined += name
	return room.download(w, r, route, joined, strings.Trim(path.Base("/"+joined), "/"), "")
}

// sentCounter counts what is sent of an answer. It sends nothing more when the request has been interrupted, which a
// copy from a disk would not notice.
type sentCounter struct {
	http.ResponseWriter
	ctx   context.Context
	bytes int64
}

func (s *sentCounter) Write(b []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.ResponseWriter.Write(b)
	s.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (s *sentCounter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// list answers with what lies below a folder, as protobuf's MessageToJson writes it: two spaces, ASCII only, no size
// where it is 0 (mlflow.entities.FileInfo.to_proto).
func (room *Room) list(w http.ResponseWriter, r *http.Request, name string) error {
	entries, err := room.store.list(r.Context(), name)
	if err != nil {
		return err
	}
	writeJSON(w, r, http.StatusOK, listing(entries))
	return nil
}
