package gate

import (
	"io"
	"net/http"
)

// forwardedBody is a body as the transport to MLflow reads it. MLflow may answer before the transport has read it, and the
// gate reads what is left then (leave). A transport that finds a body too short closes the connection, from which the
// answer is still being read: the client would see it broken off. So a transport that comes too late waits until the
// answer is through.
type forwardedBody struct {
	io.ReadCloser
	of   *progressingBody
	done chan struct{} // closed when the answer is through
}

func (b *forwardedBody) Read(into []byte) (int, error) {
	if b.of.isLeaving() {
		return 0, b.tooLate()
	}
	n, err := b.ReadCloser.Read(into)
	if n == 0 && err != nil && b.of.isLeaving() { // its end was read by somebody else meanwhile
		return 0, b.tooLate()
	}
	return n, err
}

func (b *forwardedBody) tooLate() error {
	<-b.done
	return http.ErrBodyReadAfterClose
}

// readToTheAnswersEnd lets a proxy's transport read bodies in that way.
func readToTheAnswersEnd(proxy http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if of := about(r).body; of != nil {
			body := &forwardedBody{ReadCloser: r.Body, of: of, done: make(chan struct{})}
			defer close(body.done)
			r = r.WithContext(r.Context())
			r.Body = body
		}
		proxy.ServeHTTP(w, r)
	})
}
