package gate

import (
	"io"
	"net/http"
	"testing"
)

// handingRoom reads a body to its end, with the trailers behind it, and hands the request on.
type handingRoom struct{}

func (handingRoom) Serves(*http.Request) bool { return true }

func (handingRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	Fallback(w, r)
}

func TestTrailersCarryNoIdentityToMLflow(t *testing.T) {
	r := start(t, func(o *Options) { o.Rooms = []Room{handingRoom{}} })
	var trailer http.Header
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		trailer = req.Trailer.Clone()
		return response(200, ""), nil
	}
	wire := "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\n" + signedIn +
		"\r\nTransfer-Encoding: chunked\r\nTrailer: X-Forwarded-User, Remote-User\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\nX-Forwarded-User: root\r\nRemote-User: root\r\n\r\n"
	if got := r.converse(t, wire, nil); len(got) != 1 || got[0] != 200 {
		t.Fatalf("%v", got)
	}
	if len(trailer) > 0 {
		t.Errorf("MLflow gets %v", trailer)
	}
}
