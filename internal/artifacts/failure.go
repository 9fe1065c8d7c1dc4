package artifacts

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"mlflow-server/internal/gate"
)

// failure is an answer that is not what was asked for, in MLflow's words and shape (mlflow/exceptions.py).
type failure struct {
	status  int
	code    string // MLflow's error_code; empty for FastAPI's {"detail": …}
	message string
	retry   bool  // the same request may succeed in a moment
	cause   error // for the log
}

func (f *failure) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s: %v", f.message, f.cause)
	}
	return f.message
}

func (f *failure) Unwrap() error { return f.cause }

// classes are MLflow's error class and SQLSTATE for each code (mlflow/error_classification.py), as the clients get them.
var classes = map[string][2]string{
	"INVALID_PARAMETER_VALUE": {"KAM00", "INVALID_PARAMETER_VALUE"},
	"RESOURCE_DOES_NOT_EXIST": {"KAM00", "RESOURCE_NOT_FOUND"},
	"PERMISSION_DENIED":       {"KAM00", "PERMISSION_DENIED"},
	"INTERNAL_ERROR":          {"XXM00", "CLIENT_INTERNAL_ERROR"},
	"TEMPORARILY_UNAVAILABLE": {"XXM00", "CLIENT_INTERNAL_ERROR"},
}

func invalid(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: "INVALID_PARAMETER_VALUE", message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *failure {
	return &failure{status: http.StatusNotFound, code: "RESOURCE_DOES_NOT_EXIST", message: fmt.Sprintf(format, args...)}
}

// later is a failure of the store, which may have passed when the client tries again.
func later(cause error, format string, args ...any) *failure {
	return &failure{status: http.StatusServiceUnavailable, code: "TEMPORARILY_UNAVAILABLE",
		message: fmt.Sprintf(format, args...), retry: true, cause: cause}
}

// body is the failure as JSON: as FastAPI writes it, without spaces, or as Python's json.dumps does.
func (f *failure) body(compact bool) string {
	colon, comma := ": ", ", "
	if compact {
		colon, comma = ":", ","
	}
	text := func(s string) string { return jsonString(s, !compact) }
	if f.code == "" {
		return `{"detail"` + colon + text(f.message) + "}"
	}
	s := `{"error_code"` + colon + text(f.code) + comma + `"message"` + colon + text(f.message)
	if class, ok := classes[f.code]; ok {
		s += comma + `"sqlstate"` + colon + text(class[0]) + comma + `"error_class"` + colon + text(class[1])
	}
	return s + "}"
}

// retryAfter is in seconds; MLflow's client honours it.
const retryAfter = "2"

// fail answers with err, which is INTERNAL_ERROR unless it is a failure.
func fail(w http.ResponseWriter, r *http.Request, compact bool, err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{status: http.StatusInternalServerError, code: "INTERNAL_ERROR", message: "The artifact store failed", cause: err}
	}
	h := w.Header()
	for _, name := range []string{"Content-Disposition", "Cache-Control", "Etag", "Last-Modified", "Accept-Ranges", "Content-Range"} {
		h.Del(name)
	}
	if f.retry {
		h.Set("Retry-After", retryAfter)
	}
	if title, ok := titles[f.status]; ok && gate.RefusePage(w, r, f.status, title, f.message+".") {
		return
	}
	writeJSON(w, r, f.status, f.body(compact))
}

// titles are the headings of the pages that a person's browser gets in place of JSON.
var titles = map[int]string{
	http.StatusBadRequest: "This is no file", http.StatusForbidden: "This file is not for you", http.StatusNotFound: "There is no such file",
	http.StatusRequestEntityTooLarge: "The file is too large",
	http.StatusInternalServerError:   "The artifact store failed", http.StatusBadGateway: "The artifact store failed",
	http.StatusServiceUnavailable: "The artifact store is busy", http.StatusInsufficientStorage: "There is no room for this file",
}

func writeJSON(w http.ResponseWriter, r *http.Request, status int, body string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(body))
	}
}

// commonHeaders are those that MLflow's own middleware puts on every answer (mlflow/server/fastapi_security.py) and the
// gate does not.
func commonHeaders(h http.Header) { h.Set("Vary", "Origin") }
