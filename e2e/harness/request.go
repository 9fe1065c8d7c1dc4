package harness

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Client is a server as somebody who uses it knows it. User and Password are one login, not lists.
type Client struct{ URL, User, Password string }

// As is the same server for another user.
func (c Client) As(user, password string) Client {
	c.User, c.Password = user, password
	return c
}

// Answer is a response that has been read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Request sends one request to the server, with the login unless prepare, which may be nil, changes that. Redirects are
// not followed, and every request has a connection of its own.
func (c Client) Request(t testing.TB, method, path string, body io.Reader, prepare func(*http.Request)) Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	raw, query, _ := strings.Cut(path, "?")
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = decoded, raw, query // sent as it is written: "//", "..", %2f and all
	r.SetBasicAuth(c.User, c.Password)
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

// plainHTTP asks without a proxy and without keeping connections, which would hold up a server that drains.
var plainHTTP = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true},
	Timeout:   3 * time.Minute, // for an answer that never comes
	// An answer is looked at as it is.
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}
