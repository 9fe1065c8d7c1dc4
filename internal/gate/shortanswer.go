package gate

import (
	"bytes"
	"io"
	"net/http"
)

// shortAnswer is how much net/http holds back of an answer before it sends anything, in bytes (bufferBeforeChunkingSize in
// net/http/server.go): nothing of a body up to that length is later for having been read whole.
const shortAnswer = 2 << 10

// readShort reads a short answer before anything of it is sent. A worker that dies between its headers and its body has
// not answered: the client can be told so as long as it has seen nothing, and gets no broken connection instead.
func readShort(answer *http.Response) error {
	if answer.ContentLength < 1 || answer.ContentLength > shortAnswer || answer.Request.Method == http.MethodHead {
		return nil
	}
	body := make([]byte, answer.ContentLength)
	if _, err := io.ReadFull(answer.Body, body); err != nil {
		return err // who asked for the answer closes its body
	}
	if err := answer.Body.Close(); err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
