package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"mlflow-server/internal/users"
)

// The users of every gate here.
const (
	annsPassword = "pässword: with colon"
	vicsPassword = "looks only"
)

func directory(t testing.TB, tokens ...users.TokenHash) *users.Directory {
	t.Helper()
	d, err := users.NewDirectory(users.Accounts{
		Credentials: []users.Credential{{Name: "ann", Password: annsPassword}, {Name: "vic", Password: vicsPassword}},
		Viewers:     []string{"vic"}, Tokens: tokens,
	}, []byte("version key"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fakeMLflow records what reaches it and answers with answer.
type fakeMLflow struct {
	mu     sync.Mutex
	got    []*http.Request
	answer func(*http.Request) (*http.Response, error)
	doing  string // not ready while set
}

func (f *fakeMLflow) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.got = append(f.got, r)
	f.mu.Unlock()
	answer := f.answer
	if answer == nil {
		answer = func(*http.Request) (*http.Response, error) { return response(http.StatusOK, "from MLflow"), nil }
	}
	answered, err := answer(r)
	if err == nil {
		answered.Request = r
	}
	return answered, err
}

func (f *fakeMLflow) Ready() bool { return f.doing == "" }

func (f *fakeMLflow) Phase() (bool, string) { return f.doing == "", f.doing }

func (f *fakeMLflow) reached() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}

func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// log collects a gate's log lines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type rig struct {
	*httptest.Server
	mlflow *fakeMLflow
	log    *logBuffer
}

func start(t *testing.T, change ...func(*Options)) rig {
	t.Helper()
	r := prepare(t, change...)
	r.Start()
	return r
}

// prepare makes a gate that has not started.
func prepare(t *testing.T, change ...func(*Options)) rig {
	t.Helper()
	r := rig{mlflow: &fakeMLflow{}, log: &logBuffer{}}
	o := Options{Users: directory(t), Upstream: r.mlflow, SessionKey: []byte(strings.Repeat("k", 32)), SessionTime: time.Hour, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	for _, c := range change {
		c(&o)
	}
	r.Server = httptest.NewUnstartedServer(nil)
	r.Config = NewServer(New(o), o.Log)
	t.Cleanup(r.Close)
	return r
}

// send makes a request with the header lines "Name: value".
func (r rig) send(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header[name] = append(req.Header[name], value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func basic(name, password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(name, password)
	return "Authorization: " + r.Header.Get("Authorization")
}

var signedIn = basic("ann", annsPassword)

func TestARequestOfAKnownUserReachesMLflow(t *testing.T) {
	r := start(t)
	resp := r.send(t, "POST", "/api/2.0/mlflow/runs/create?x=%2F", signedIn)
	if body := text(t, resp); resp.StatusCode != 200 || body != "from MLflow" {
		t.Fatalf("%d %q", resp.StatusCode, body)
	}
	if got := r.mlflow.reached(); len(got) != 1 || got[0].URL.RequestURI() != "/api/2.0/mlflow/runs/create?x=%2F" {
		t.Fatalf("reached MLflow: %v", got)
	}
}

func TestNothingElseReachesMLflow(t *testing.T) {
	r := start(t, func(o *Options) { o.Proxies = Proxies{Hops: 1} })
	n := 0
	for _, credentials := range [][]string{
		nil,
		{basic("ann", "wrong")},
		{basic("eve", annsPassword)},
		{basic("", "")},
		{"Authorization: Basic"},
		{"Authorization: Basic !!!"},
		{"Authorization: Basic YW5u"},
		{"Authorization: Bearer abc"},
		{"Authorization: Digest username=ann"},
		{"Authorization: \x80\xff"},
		{signedIn, signedIn},
		{basic("ann", "wrong"), signedIn},
		{"Proxy-Authorization: " + strings.TrimPrefix(signedIn, "Authorization: ")},
		{"X-Forwarded-User: ann"},
		{"Remote_user: ann"},
	} {
		for _, path := range []string{"/", "/api/2.0/mlflow/experiments/search", "/graphql", "/static-files/index.html", "/get-artifact", "/version", "/metrics", "/signup", "//", "/health/", "/Health", "/health/..", "/%68ealth"} {
			for _, method := range []string{"GET", "POST", "HEAD", "OPTIONS", "PUT"} {
				n++ // everybody from somewhere else, so that nobody is held back for guessing
				from := fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
				resp := r.send(t, method, path, append([]string{from}, credentials...)...)
				if path == "//" || path == "/health/.." {
					if resp.StatusCode != http.StatusBadRequest {
						t.Errorf("%s %s with %q: %d", method, path, credentials, resp.StatusCode)
					}
				} else if resp.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
					t.Errorf("%s %s with %q: %d", method, path, credentials, resp.StatusCode)
				}
			}
		}
	}
	if got := r.mlflow.reached(); len(got) != 0 {
		t.Errorf("%d requests reached MLflow", len(got))
	}
}

func TestHealthIsOpenForGetAndHeadOnly(t *testing.T) {
	r := start(t)
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 401, "DELETE": 401} {
		if resp := r.send(t, method, "/health"); resp.StatusCode != want {
			t.Errorf("%s /health: %d, want %d", method, resp.StatusCode, want)
		}
	}
	if len(r.mlflow.reached()) != 0 {
		t.Error("MLflow was asked")
	}
}

func TestUntilMLflowIsReadyEverythingIs503(t *testing.T) {
	r := start(t)
	r.mlflow.doing = "upgrading the database"
	for _, path := range []string{"/", "/health", "/api/2.0/mlflow/experiments/search"} {
		resp := r.send(t, "GET", path, signedIn)
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d, Retry-After %q", path, resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		if !strings.Contains(text(t, resp), "upgrading the database") {
			t.Errorf("%s does not say what it waits for", path)
		}
	}
	page := r.send(t, "GET", "/", "Accept: text/html,*/*")
	if body := text(t, page); page.StatusCode != 503 || !strings.Contains(body, `http-equiv="refresh"`) {
		t.Errorf("a browser gets %d %s", page.StatusCode, body)
	}
	if len(r.mlflow.reached()) != 0 {
		t.Error("MLflow was asked")
	}
}

func TestARefusalIsAPageForBrowsersAndMLflowsErrorForClients(t *testing.T) {
	r := start(t)
	resp := r.send(t, "GET", "/api/2.0/mlflow/runs/get")
	var e struct {
		ErrorCode string `json:"error_code"`
		Message   string `json:"message"`
	}
	if err := json.Unmarshal([]byte(text(t, resp)), &e); err != nil || e.ErrorCode != "UNAUTHENTICATED" || e.Message == "" {
		t.Errorf("client: %+v, %v", e, err)
	}
	page := r.send(t, "POST", "/", "Accept: text/html", "X-Request-Id: id<1>")
	if body := text(t, page); !strings.Contains(body, "<h1>Sign in to MLflow</h1>") || strings.Contains(body, "id<1>") || strings.Contains(body, "refresh") {
		t.Errorf("browser: %s", body)
	}
}

func TestMLflowSeesALocalCallerWithoutAnIdentity(t *testing.T) {
	r := start(t)
	r.send(t, "POST", "/graphql", signedIn, "Host: mlflow.example.com", "Origin: http://mlflow.example.com",
		"Sec-Fetch-Site: same-origin", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-User: root", "X_Forwarded_User: root", "Remote-User: root",
		"remote_user: root", "X-Auth-Request-Email: root", "Forwarded: for=1.2.3.4", "Connection: X-Keep", "X-Keep: no", "Upgrade: h2c", "Cookie: mlflow-session=root; theme=kept",
		"X-Mlflow-Workspace: kept", "Traceparent: kept")
	got := r.mlflow.reached()
	if len(got) != 1 {
		t.Fatalf("%d requests reached MLflow", len(got))
	}
	if got[0].Host != "127.0.0.1" {
		t.Errorf("Host is %q", got[0].Host)
	}
	for name, values := range got[0].Header {
		if strings.Contains(strings.ToLower(strings.Join(values, "")), "root") || name == "Authorization" || name == "Origin" || name == "X-Keep" || name == "Upgrade" {
			t.Errorf("%s: %q was forwarded", name, values)
		}
	}
	for name, want := range map[string]string{
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "mlflow.example.com",
		"X-Mlflow-Workspace": "kept", "Traceparent": "kept", "Cookie": "theme=kept",
	} {
		if v := got[0].Header.Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
}

func TestOtherSitesCannotUseALogin(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		why     string
		method  string
		headers []string
		want    int
	}{
		{"the UI itself", "POST", []string{"Host: mlflow.example.com", "Origin: https://mlflow.example.com"}, 200},
		{"the UI itself, by fetch metadata", "DELETE", []string{"Sec-Fetch-Site: same-origin"}, 200},
		{"a client that is no browser", "POST", nil, 200},
		{"reading is left to the browser's own rule", "GET", []string{"Origin: https://evil.example"}, 200},
		{"another origin", "POST", []string{"Host: mlflow.example.com", "Origin: https://evil.example"}, 403},
		{"another origin, by fetch metadata", "POST", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"a sibling domain", "PATCH", []string{"Sec-Fetch-Site: same-site"}, 403},
		{"no origin worth the name", "PUT", []string{"Origin: null"}, 403},
	} {
		t.Run(c.why, func(t *testing.T) {
			before := len(r.mlflow.reached())
			resp := r.send(t, c.method, "/api/2.0/mlflow/runs/create", append(c.headers, signedIn)...)
			if resp.StatusCode != c.want {
				t.Errorf("%d, want %d", resp.StatusCode, c.want)
			}
			if passed := len(r.mlflow.reached()) > before; passed != (c.want == 200) {
				t.Errorf("reached MLflow: %v", passed)
			}
		})
	}
}

func TestOnlyAllowedHostNamesAreAnswered(t *testing.T) {
	r := start(t, func(o *Options) { o.AllowedHosts = []string{"localhost", "127.0.0.1", "::1"} })
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:5000": 200, "127.0.0.1:5000": 200, "[::1]:5000": 200, "[::1]": 200,
		"evil.example": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example:5000": 403,
	} {
		if resp := r.send(t, "GET", "/", signedIn, "Host: "+host); resp.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}

func TestAWrongHostNameIsNotAnsweredWithTheRightOnes(t *testing.T) {
	for _, c := range []struct {
		allowed    []string
		told, kept string
	}{
		{[]string{"secret.example", "10.1.2.3"}, "MLFLOW_ALLOWED_HOSTS", "secret.example"},
		{[]string{"localhost", "127.0.0.1", "secret.example"}, "This server answers to localhost, ", "secret.example"},
	} {
		r := start(t, func(o *Options) { o.AllowedHosts = c.allowed })
		for _, accept := range []string{"text/html", "*/*"} {
			got := text(t, r.send(t, "GET", "/", "Host: outsider.example", "Accept: "+accept))
			if !strings.Contains(got, c.told) || strings.Contains(got, c.kept) || strings.Contains(got, "10.1.2.3") {
				t.Errorf("%q: %s", c.allowed, got)
			}
		}
	}
}

func TestARoutersLastHopIsTheClientOnlyWhereItIsTrusted(t *testing.T) {
	for trusted, want := range map[bool]string{true: "203.0.113.9", false: "127.0.0.1"} {
		r := start(t, func(o *Options) {
			if trusted {
				o.Proxies = Proxies{Hops: 1}
			}
		})
		r.send(t, "GET", "/", signedIn, "X-Forwarded-For: 1.1.1.1, 203.0.113.9", "X-Forwarded-Proto: https")
		got := r.mlflow.reached()[0].Header
		if got.Get("X-Forwarded-For") != want || (got.Get("X-Forwarded-Proto") == "https") != trusted {
			t.Errorf("trusted %v: %q %q", trusted, got.Get("X-Forwarded-For"), got.Get("X-Forwarded-Proto"))
		}
		if !strings.Contains(r.log.String(), "client="+want) {
			t.Errorf("trusted %v: log %s", trusted, r.log)
		}
	}
}

func TestEveryRequestHasOneLineWithoutSecrets(t *testing.T) {
	r := start(t)
	resp := r.send(t, "GET", "/get-artifact?path=SECRETQUERY", signedIn, "X-Request-Id: abc-1")
	if resp.Header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("X-Request-Id %q", resp.Header.Get("X-Request-Id"))
	}
	r.send(t, "GET", "/", basic("SECRETNAME", "SECRETWORD"))
	r.send(t, "GET", "/", basic("ann", "SECRETWORD"), "X-Request-Id: a b\tc")
	r.Close()
	log := r.log.String()
	if n := strings.Count(log, "msg=request"); n != 3 {
		t.Errorf("%d lines for 3 requests:\n%s", n, log)
	}
	for _, want := range []string{"method=GET path=/get-artifact status=200 bytes=11", "user=ann via=password client=127.0.0.1 id=abc-1", `status=401`} {
		if !strings.Contains(log, want) {
			t.Errorf("%s is not in the log:\n%s", want, log)
		}
	}
	if strings.Contains(log, "SECRET") || strings.Contains(log, "pässword") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

func TestOnlyHealthItselfIsLeftOutOfTheLog(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.send(t, "GET", "/health")
	r.send(t, "HEAD", "/health?x=1")
	r.send(t, "POST", "/health", basic("ann", "a guess"), "X-Request-Id: guess")
	r.send(t, "GET", "/%68ealth", "X-Request-Id: odd")
	r.send(t, "GET", "/health", signedIn, "Upgrade: websocket", "X-Request-Id: refused")
	r.Close()
	log := r.log.String()
	for _, want := range []string{"id=guess", "id=odd", "id=refused"} {
		if !strings.Contains(log, want) {
			t.Errorf("%s is not in the log", want)
		}
	}
	if n := strings.Count(log, "msg=request"); n != 3 {
		t.Errorf("%d lines:\n%s", n, log)
	}
}

// brokenRoom has a fault.
type brokenRoom struct{ late bool }

func (brokenRoom) Serves(*http.Request) bool { return true }

func (b brokenRoom) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if b.late {
		_, _ = io.WriteString(w, "half an ans")
		_ = http.NewResponseController(w).Flush()
	}
	panic("a fault of the room")
}

func TestAFaultBehindTheGateIsLoggedWithItsPlace(t *testing.T) {
	t.Parallel()
	for late, status := range map[bool]string{false: "status=500", true: "status=200"} {
		r := start(t, func(o *Options) { o.Rooms = []Room{brokenRoom{late}} })
		if got := r.converse(t, "GET /version HTTP/1.1\r\nHost: x\r\n"+signedIn+"\r\n\r\n", nil); len(got) != 0 {
			t.Errorf("a whole answer came: %v", got)
		}
		r.Close()
		log := r.log.String()
		for _, want := range []string{"level=ERROR", "a fault of the room", "brokenRoom.ServeHTTP", "path=/version", status} {
			if !strings.Contains(log, want) {
				t.Errorf("%s is not in the log:\n%s", want, log)
			}
		}
		if strings.Count(log, "level=ERROR") != 1 || strings.Count(log, "msg=request") != 1 {
			t.Errorf("it is logged more than once:\n%s", log)
		}
	}
}

func TestRedirectsStayOnThisServer(t *testing.T) {
	r := start(t)
	for from, want := range map[string]string{
		"http://127.0.0.1/api/x?y=1":    "/api/x?y=1",
		"/relative":                     "/relative",
		"https://docs.example.com/page": "https://docs.example.com/page",
		"http://127.0.0.1//evil":        "/",
	} {
		r.mlflow.answer = func(*http.Request) (*http.Response, error) {
			resp := response(http.StatusTemporaryRedirect, "")
			resp.Header.Set("Location", from)
			return resp, nil
		}
		if got := r.send(t, "GET", "/", signedIn).Header.Get("Location"); got != want {
			t.Errorf("Location %s became %s, want %s", from, got, want)
		}
	}
}

func TestABrokenAnswerCanBeRetried(t *testing.T) {
	r := start(t)
	r.mlflow.answer = func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	resp := r.send(t, "GET", "/", signedIn)
	if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("Retry-After") == "" || strings.Contains(text(t, resp), "EOF") {
		t.Errorf("%d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

// A worker that is killed between the two system calls with which it answers has not answered.
func TestAShortAnswerThatIsBrokenOffCanBeRetried(t *testing.T) {
	r := start(t)
	short, long := strings.Repeat("x", shortAnswer), strings.Repeat("x", shortAnswer+1)
	for _, sent := range []string{"", short[1:]} {
		r.mlflow.answer = func(*http.Request) (*http.Response, error) {
			broken := response(http.StatusOK, short)
			broken.ContentLength = shortAnswer
			broken.Body = io.NopCloser(io.MultiReader(strings.NewReader(sent), iotest.ErrReader(io.ErrUnexpectedEOF)))
			return broken, nil
		}
		resp := r.send(t, "GET", "/version", signedIn)
		if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("Retry-After") == "" || strings.Contains(text(t, resp), "x") {
			t.Errorf("%d after %d bytes", resp.StatusCode, len(sent))
		}
	}
	for _, whole := range []string{short, long} {
		r.mlflow.answer = func(*http.Request) (*http.Response, error) {
			answer := response(http.StatusOK, whole)
			answer.ContentLength = int64(len(whole))
			return answer, nil
		}
		if resp := r.send(t, "GET", "/version", signedIn); resp.StatusCode != http.StatusOK || text(t, resp) != whole {
			t.Errorf("an answer of %d bytes is not what it was", len(whole))
		}
	}
}

func TestOddRequestsAreRefusedEvenFromUsers(t *testing.T) {
	r := start(t)
	for _, line := range []string{
		"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com", "OPTIONS * HTTP/1.1\r\nHost: x", "GET http://x/version HTTP/1.1\r\nHost: x",
		"GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket", "GET /version#x HTTP/1.1\r\nHost: x",
		"GET /version?a#x HTTP/1.1\r\nHost: x",
	} {
		status := raw(t, r.Listener.Addr().String(), line+"\r\n"+signedIn+"\r\n\r\n")
		if !strings.HasPrefix(status, "HTTP/1.1 400") {
			t.Errorf("%s: %s", line, status)
		}
	}
	if len(r.mlflow.reached()) != 0 {
		t.Error("MLflow was asked")
	}
}

// echoRoom serves one path, and hands what it does not like to MLflow.
type echoRoom struct{}

func (echoRoom) Serves(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/room/") }

func (echoRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/room/mistake" {
		Fallback(w, r)
		return
	}
	_, _ = io.WriteString(w, "room "+User(r)+" "+RequestID(r))
}

func TestARoomAnswersInMLflowsPlaceForUsersOnly(t *testing.T) {
	r := start(t, func(o *Options) { o.Rooms, o.OpenRoutes = []Room{echoRoom{}}, ClosedRoutes })
	if resp := r.send(t, "GET", "/room/x"); resp.StatusCode != 401 {
		t.Errorf("without a login: %d", resp.StatusCode)
	}
	if body := text(t, r.send(t, "GET", "/room/x", signedIn, "X-Request-Id: id-1")); body != "room ann id-1" {
		t.Errorf("%q", body)
	}
	for _, path := range []string{"/room/mistake", "/version"} {
		if body := text(t, r.send(t, "GET", path, signedIn)); body != "from MLflow" {
			t.Errorf("%s: %q", path, body)
		}
	}
}

func TestAQueryAndMLflowsHeadersArriveAsTheyAre(t *testing.T) {
	r := start(t)
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Header.Set("X-Content-Type-Options", "nosniff")
		resp.Header.Set("X-Frame-Options", "SAMEORIGIN")
		resp.Header.Set("X-Of-Mlflow", "kept")
		return resp, nil
	}
	const query = "filter=a;b&path=100%&x=%zz"
	resp := r.send(t, "GET", "/api/2.0/mlflow/runs/get?"+query, signedIn)
	if got := r.mlflow.reached()[0].URL.RawQuery; got != query {
		t.Errorf("the query %q became %q", query, got)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "X-Of-Mlflow": "kept"} {
		if got := resp.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want once %q", name, got, want)
		}
	}
}
