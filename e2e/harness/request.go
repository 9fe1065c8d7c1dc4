package harness

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Answer is a response that has been read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Request sends one request to the server, with the instance's login unless prepare, which may be nil, changes that. Redirects are
// not followed, and every request has a connection of its own.
func (i *Instance) Request(t testing.TB, method, path string, body io.Reader, prepare func(*http.Request)) Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, i.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	raw, query, _ := strings.Cut(path, "?")
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = decoded, raw, query // sent as it is written: "//", "..", %2f and all
	r.SetBasicAuth(i.User, i.Password)
	if prepare != nil {
		prepare(r)
	}
	response, err := plainHTTP.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: reading the answer: %v", method, path, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(read)}
}
