package artifacts

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"mlflow-server/internal/gate"
)

// upload stores the body of a PUT.
func (room *Room) upload(w http.ResponseWriter, r *http.Request, name string) (outcome, error) {
	done := outcome{path: name}
	dir, file := splitPath(name)
	if file == "" {
		drain(r)
		return done, &failure{status: http.StatusBadRequest, message: "Artifact path must include a filename (cannot end with '/')."}
	}
	user := gate.User(r)
	if err := room.limits.mayUpload(user, r.ContentLength); err != nil {
		drain(r)
		return done, err
	}
	release, err := room.limits.transfers.enter(r.Context(), user)
	if err != nil {
		drain(r)
		return done, err
	}
	defer release()

	counted := room.limits.counter(user)
	b := newBody(w, r, counted.add)
	err = room.store.put(r.Context(), dir, file, b)
	done.bytes = b.read
	if err != nil {
		counted.giveBack()
		if !errors.Is(err, errClientGone) && r.Context().Err() == nil {
			drain(r)
		}
		return done, err
	}
	w.WriteHeader(http.StatusOK)
	return done, nil
}

// splitPath is Python's posixpath.split: the slashes between folder and name belong to neither.
func splitPath(name string) (dir, file string) {
	at := strings.LastIndexByte(name, '/') + 1
	dir, file = name[:at], name[at:]
	if trimmed := strings.TrimRight(dir, "/"); trimmed != "" {
		dir = trimmed
	}
	return dir, file
}

// joinPath is Python's posixpath.join for relative parts, of which the first may be empty.
func joinPath(dir, file string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir + file
	}
	return dir + "/" + file
}

// unique says whether a folder's path is written in the one way that MLflow accepts for it.
func unique(dir string) bool {
	return dir == "" || path.Clean(dir) == dir && dir != "." && !strings.HasPrefix(dir, "..")
}
