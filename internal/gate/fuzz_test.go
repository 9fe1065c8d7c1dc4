package gate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzACanonicalPathHasOneReading: what is let through is what net/url reads too, cleaning it changes nothing, and no
// number of further decodings finds a way up.
func FuzzACanonicalPathHasOneReading(f *testing.F) {
	for _, seed := range []string{"/", "/a/b", "/a%20b", "/..%2f", "/%2e%2e/", "/%252e%252e%252f", "/a;b", "//", "/100%25", "/ü", "/%C3%BC", "/a\x00", "/%00", "/a/./b", `/a\..\b`,
		"/api/2.0/mlflow-artifacts/artifacts/0/x/artifacts/a;b%3b", "/%25252525252525252e%252e/", "http://x/", "*", "/a#b", "/a?b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) { checkCanonical(t, target) })
}

func checkCanonical(t *testing.T, target string) bool {
	got, ok := canonical(target)
	if !ok {
		return false
	}
	u, err := url.ParseRequestURI(target)
	if err != nil || u.Path != got || u.Host != "" || u.RawQuery != "" {
		t.Fatalf("%q is %q here and %v (%v) there", target, got, u, err)
	}
	if clean := path.Clean(got); clean != got && clean+"/" != got || !utf8.ValidString(got) {
		t.Fatalf("%q: %q is not clean", target, got)
	}
	for next := got; ; {
		for _, segment := range strings.FieldsFunc(next, func(c rune) bool { return c == '/' || c == '\\' }) {
			if segment == ".." || strings.ContainsRune(segment, 0) {
				t.Fatalf("%q climbs: %q", target, next)
			}
		}
		decoded, err := url.PathUnescape(next)
		if err != nil || decoded == next {
			return true
		}
		next = decoded
	}
}

// FuzzCredentialsAreReadAsOthersReadThem: Basic credentials that are taken are those that the standard library reads.
func FuzzCredentialsAreReadAsOthersReadThem(f *testing.F) {
	for _, seed := range []string{"", "Basic", "Basic ", "Basic YW5uOnA=", "basic  YW5uOnA=", "Basic YW5u", "Bearer x", "Bearer a b", "Digest x", "Basic YW5uOnA=x", "Basic \x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) { checkCredentials(t, header) })
}

func checkCredentials(t *testing.T, header string) bool {
	c, ok := parseAuthorization(header)
	if !ok {
		return false
	}
	if c.token != "" {
		if c.name != "" || c.password != "" || strings.ContainsAny(c.token, " ,") {
			t.Fatalf("%q: %+v", header, c)
		}
		return true
	}
	scheme, rest, _ := strings.Cut(header, " ")
	r := &http.Request{Header: http.Header{"Authorization": {scheme + " " + strings.TrimLeft(rest, " ")}}}
	name, password, same := r.BasicAuth()
	if !same || name != c.name || password != c.password || strings.Contains(c.name, ":") {
		t.Fatalf("%q: %+v, not %q %q", header, c, name, password)
	}
	return true
}

// FuzzOnlyOurOwnCookieIsASession: no other value than one that was signed here names a user.
func FuzzOnlyOurOwnCookieIsASession(f *testing.F) {
	s := newSessions([]byte(strings.Repeat("k", 32)), time.Hour, directory(f))
	s.now = func() time.Time { return time.Unix(1_800_000_000, 0) }
	signed := signedFor(f, s, "ann")
	for _, seed := range []string{signed, signed + "=", signed[:9] + "\n" + signed[9:], signed + "\r", signed[1:], strings.ToLower(signed), "", "AQ", signed + signed} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) { checkCookie(t, s, signed, value) })
}

func checkCookie(t *testing.T, s *sessions, signed, value string) bool {
	name, ok := s.user(value)
	if ok && (value != signed || name != "ann") {
		t.Fatalf("%q is a session of %q", value, name)
	}
	return ok
}

// FuzzNobodyInventsAnAddressBehindTheRouter: whatever a client sends, its address is the one that the router appended.
func FuzzNobodyInventsAnAddressBehindTheRouter(f *testing.F) {
	for _, seed := range []string{"", "1.2.3.4", "1.2.3.4, 5.6.7.8", ",", "x", "[::1]:80", "1.2.3.4\x00", ", , 203.0.113.9,"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, forwarded, scheme string) { checkAddress(t, forwarded, scheme) })
}

func checkAddress(t *testing.T, forwarded, scheme string) bool {
	router := netip.MustParseAddr("203.0.113.9")
	for _, p := range []Proxies{{Hops: 1}, {Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}} {
		r := &http.Request{RemoteAddr: "10.0.0.1:1234", Header: http.Header{
			"X-Forwarded-For":   {forwarded + ", " + router.String()},
			"X-Forwarded-Proto": {scheme, "http"},
		}}
		var a request
		p.locate(&a, r)
		if a.address != router || a.scheme != "http" {
			t.Fatalf("%+v: %v by %s", p, a.address, a.scheme)
		}
	}
	// And nobody is believed where nothing is configured.
	r := &http.Request{RemoteAddr: "10.0.0.1:1234", Header: http.Header{"X-Forwarded-For": {forwarded}, "X-Forwarded-Proto": {scheme}}}
	var a request
	Proxies{}.locate(&a, r)
	if a.client != "10.0.0.1" || a.scheme != "http" {
		t.Fatalf("%v by %s", a.address, a.scheme)
	}
	return true
}

// FuzzSigningInStaysHere: where the sign-in page leads is a page of this server, in the reading of a browser.
func FuzzSigningInStaysHere(f *testing.F) {
	for _, seed := range []string{"/", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/-/login", "/#/experiments/1", "javascript:x", "/x?next=//y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, next string) { checkTarget(t, next) })
}

func checkTarget(t *testing.T, next string) bool {
	to := localTarget(next)
	// Browsers drop tabs and line breaks and take a backslash for a slash (https://url.spec.whatwg.org/).
	seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(to)
	if !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
		t.Fatalf("%q leads to %q", next, to)
	}
	base, _ := url.Parse("https://here.example/-/login")
	if u, err := base.Parse(to); err != nil || u.Host != "here.example" || u.Scheme != "https" {
		t.Fatalf("%q leads to %v", next, u)
	}
	return to == next
}

// FuzzTheAuthorIsTheUser: whatever run a client sends, its author is the signed-in user in each place.
func FuzzTheAuthorIsTheUser(f *testing.F) {
	for _, seed := range []string{`{}`, `{"user_id":"x"}`, `{"user_id":"x","user_id":"y"}`, `{"userId":"x"}`, `{"tags":[{"key":"mlflow.user","value":"x"}]}`, `{"tags":null}`, `[]`, `null`, `{"tags":[null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkAuthor(t, body) })
}

func checkAuthor(t *testing.T, body []byte) bool {
	stamped, err := stamp(body, "ann")
	if err != nil {
		return false
	}
	var run struct {
		UserID string `json:"user_id"`
		Tags   []struct{ Key, Value any }
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(stamped, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["tags"], &run.Tags); err != nil {
		t.Fatalf("%s: %v", stamped, err)
	}
	authors := 0
	for _, tag := range run.Tags {
		if tag.Key == "mlflow.user" {
			authors++
			if tag.Value != "ann" {
				t.Fatalf("%s", stamped)
			}
		}
	}
	if string(all["user_id"]) != `"ann"` || all["userId"] != nil || authors != 1 {
		t.Fatalf("%s", stamped)
	}
	return true
}

// FuzzNothingWithoutALoginReachesMLflow throws bytes at the whole chain, as they would come over the wire.
func FuzzNothingWithoutALoginReachesMLflow(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://x/-/login HTTP/1.1\r\nHost: x\r\n\r\n", "POST /-/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nnext=",
		"GET /health/../version HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /-/login%2f..%2f HTTP/1.1\r\nHost: x\r\nX_Forwarded_User: ann\r\nAuthorization: Basic YW5uOnA=\r\n\r\n",
		"GET /version HTTP/1.1\r\nHost: x\r\nCookie: mlflow-session=AQ; __Host-mlflow=AQ\r\nConnection: Authorization\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	mlflow := &fakeMLflow{}
	h := New(Options{
		Users: directory(f), Upstream: mlflow, SessionKey: []byte(strings.Repeat("k", 32)), SessionTime: time.Hour, OpenRoutes: ClosedRoutes,
		Log: slog.New(slog.DiscardHandler),
	})
	f.Fuzz(func(t *testing.T, wire []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if reached := mlflow.reached(); len(reached) > 0 {
			t.Fatalf("%q reached MLflow as %s %s", wire, reached[0].Method, reached[0].URL)
		}
		if w.Code < 300 && r.URL.EscapedPath() != healthPath && r.URL.EscapedPath() != signInPath {
			t.Fatalf("%q was answered with %d", wire, w.Code)
		}
		_, _ = io.Copy(io.Discard, r.Body)
	})
}
