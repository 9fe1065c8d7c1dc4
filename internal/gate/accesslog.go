package gate

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// logAccess writes one line for each request when it ends. The query string stays out of it: it can carry secrets,
// as presigned URLs do. So does the name of a refused login: people type passwords into that field. A panic below is
// logged here, where it would else be a broken connection that nobody knows the reason of.
func logAccess(log *slog.Logger, proxies Proxies, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := about(r)
		a.to = classify(r.URL.Path)
		proxies.locate(a, r)
		recorder := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			ended := recorder.result()
			if cause != nil && cause != http.ErrAbortHandler {
				log.Error("a request ended in a panic", "method", r.Method, "path", r.URL.EscapedPath(), "id", a.id,
					"cause", cause, "stack", string(debug.Stack()))
				if recorder.status == 0 {
					ended = http.StatusInternalServerError
				}
			}
			level := slog.LevelInfo
			if plainHealth(r) && (ended == http.StatusOK || ended == http.StatusServiceUnavailable) {
				level = slog.LevelDebug // load balancers ask every few seconds
			}
			log.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method),
				slog.String("path", r.URL.EscapedPath()),
				slog.Int("status", ended),
				slog.Int64("bytes", recorder.bytes),
				slog.Int64("ms", time.Since(start).Milliseconds()),
				slog.String("user", a.user),
				slog.String("via", a.via),
				slog.String("client", a.client),
				slog.String("id", a.id),
			)
			if cause != nil {
				panic(http.ErrAbortHandler) // closes the connection, without a second line
			}
		}()
		next.ServeHTTP(recorder, r)
	})
}

// statusClientGone is logged where the client left before it was answered; no answer carries it.
const statusClientGone = 499

// recorder remembers an answer's status and size.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 { // 1xx are on the way to the answer
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) result() int {
	if r.status == 0 {
		return statusClientGone
	}
	return r.status
}
