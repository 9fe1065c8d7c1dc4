package lifecyclestop

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// transfers are an upload and a download that are in their middle.
type transfers struct {
	rest     *io.PipeWriter // of the upload
	uploaded chan error
	download io.ReadCloser
	left     int // bytes of the download
}

// large is more than the kernel keeps for a client that does not read.
var large = strings.Repeat(uploaded, 24)

// startTransfers uploads half a file, and has read the beginning of another one.
func startTransfers(t *testing.T, s *harness.Instance) *transfers {
	t.Helper()
	if a := s.Request(t, http.MethodPut, artifacts+"large.txt", strings.NewReader(large), nil); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	request := func(method, name string, body io.Reader) *http.Request {
		r, err := http.NewRequest(method, s.URL+artifacts+name, body)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(s.User, s.Password)
		return r
	}
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Do(request(http.MethodGet, "large.txt", nil))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyN(io.Discard, answer.Body, 1<<20)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", answer.Status, err)
	}
	body, rest := io.Pipe()
	slow := &transfers{rest: rest, uploaded: make(chan error, 1), download: answer.Body, left: len(large) - int(n)}
	r := request(http.MethodPut, "slow.txt", body)
	r.ContentLength = int64(len(uploaded))
	go func() {
		answer, err := client.Do(r)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				err = errors.New(answer.Status)
			}
		}
		_ = body.CloseWithError(errors.New("the request has ended"))
		slow.uploaded <- err
	}()
	if _, err := io.WriteString(rest, uploaded[:len(uploaded)/2]); err != nil {
		t.Fatal(err)
	}
	return slow
}

// finish sends and reads what is left.
func (s *transfers) finish() error {
	if _, err := io.WriteString(s.rest, uploaded[len(uploaded)/2:]); err != nil {
		return fmt.Errorf("the rest of an upload: %w", err)
	}
	_ = s.rest.Close()
	if err := <-s.uploaded; err != nil {
		return fmt.Errorf("an upload: %w", err)
	}
	defer s.download.Close()
	if n, err := io.Copy(io.Discard, s.download); err != nil || int(n) != s.left {
		return fmt.Errorf("a download: %d bytes of the last %d: %v", n, s.left, err)
	}
	return nil
}
