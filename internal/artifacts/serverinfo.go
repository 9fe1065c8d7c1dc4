package artifacts

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"mlflow-server/internal/gate"
)

// maxServerInfo is far more than the few fields of server-info.
const maxServerInfo = 1 << 20

// withoutOffers hands server-info to MLflow and takes back what it says about transfers past this server: a client that
// believes it would try to reach a store that it cannot reach.
func (room *Room) withoutOffers(w http.ResponseWriter, r *http.Request) {
	held := &heldAnswer{header: http.Header{}, status: http.StatusOK}
	r.Header.Del("Accept-Encoding")
	gate.Fallback(held, r)
	body := held.body.Bytes()
	if held.status == http.StatusOK {
		if changed, err := withdraw(body); err == nil {
			body = changed
		}
	}
	h := w.Header()
	for name, values := range held.header {
		h[name] = values
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(held.status)
	_, _ = w.Write(body)
}

func withdraw(info []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(info, &fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"multipart_uploads_enabled", "multipart_downloads_enabled"} {
		if _, ok := fields[name]; ok {
			fields[name] = json.RawMessage("false")
		}
	}
	return json.Marshal(fields)
}

// heldAnswer keeps a small answer.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *heldAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *heldAnswer) Write(b []byte) (int, error) {
	if a.body.Len()+len(b) > maxServerInfo {
		return 0, http.ErrBodyNotAllowed
	}
	return a.body.Write(b)
}
