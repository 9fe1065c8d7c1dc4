package artifacts

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Some services, and proxies in front of them that compress or chunk, send an object without saying how long it is. It is
// passed on in the same way: without a length there are no ranges, and nothing can be taken up again where it broke off.

// serveUnmeasured answers a HEAD, or a GET with conditions, for an object of unknown length. The conditions are ignored,
// which HTTP allows for all that a client sends to save a transfer.
func (s *s3Store) serveUnmeasured(w http.ResponseWriter, r *http.Request, key string, head *s3.HeadObjectOutput) error {
	if r.Method == http.MethodGet {
		return s.serveWhole(w, r, key)
	}
	describe(w.Header(), head.ETag, head.LastModified)
	w.WriteHeader(http.StatusOK)
	return nil
}

// relayUnmeasured passes an object on until the store has no more. When it breaks off, so does the answer: its end would
// make the client believe that it has everything.
func (s *s3Store) relayUnmeasured(w http.ResponseWriter, found *s3.GetObjectOutput) error {
	defer found.Body.Close()
	describe(w.Header(), found.ETag, found.LastModified)
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	scratch := scratches.get()
	defer scratches.put(scratch)
	for {
		n, err := s.readFrom(found.Body, scratch)
		if n > 0 {
			_ = control.SetWriteDeadline(time.Now().Add(stalled))
			if _, werr := w.Write(scratch[:n]); werr != nil {
				return errors.Join(errCutOff, werr)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.Join(errCutOff, err)
		}
	}
}

// describe says of an object what there is to say besides its length.
func describe(h http.Header, etag *string, modified *time.Time) {
	if etag != nil {
		h.Set("Etag", *etag)
	}
	if modified != nil {
		h.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	}
}
