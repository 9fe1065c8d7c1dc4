package gate

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/users"
)

// signInForm sends the sign-in page's form.
func (r rig) signInForm(t *testing.T, name, password, next string, headers ...string) *http.Response {
	t.Helper()
	return r.signInFormAt(t, signInPath, name, password, next, headers...)
}

func (r rig) signInFormAt(t *testing.T, at, name, password, next string, headers ...string) *http.Response {
	t.Helper()
	form := url.Values{"username": {name}, "password": {password}, "next": {next}}
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+at, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, h := range headers {
		key, value, _ := strings.Cut(h, ": ")
		req.Header.Set(key, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestAPersonSignsInAndOut(t *testing.T) {
	r := start(t)
	page := r.send(t, "GET", "/?a=b", "Accept: text/html", "Sec-Fetch-Mode: navigate")
	if page.StatusCode != 303 || page.Header.Get("Location") != "/-/login?next=%2F%3Fa%3Db" {
		t.Fatalf("%d to %q", page.StatusCode, page.Header.Get("Location"))
	}
	form := r.send(t, "GET", page.Header.Get("Location"))
	if body := text(t, form); form.StatusCode != 200 || !strings.Contains(body, `name="next" value="/?a=b"`) || strings.Contains(body, "<script") {
		t.Errorf("%d %s", form.StatusCode, body)
	}
	// The form goes to the address that it was shown at: what stands behind its # is not lost on the way.
	if body := text(t, r.send(t, "GET", page.Header.Get("Location"))); !strings.Contains(body, `<form method="post">`) {
		t.Errorf("the form goes elsewhere: %s", body)
	}
	in := r.signInFormAt(t, page.Header.Get("Location"), "ann", annsPassword, "/?a=b")
	cookies := in.Cookies()
	if in.StatusCode != 303 || in.Header.Get("Location") != "/?a=b" || len(cookies) != 1 {
		t.Fatalf("%d %v %v", in.StatusCode, in.Header, cookies)
	}
	c := cookies[0]
	if c.Name != "mlflow-session" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || c.Domain != "" || c.MaxAge != 3600 {
		t.Errorf("%+v", c)
	}
	session := "Cookie: other=1; " + c.Name + "=" + c.Value
	if resp := r.send(t, "GET", "/", session); resp.StatusCode != 200 {
		t.Errorf("with the session: %d", resp.StatusCode)
	}
	if !strings.Contains(r.log.String(), "user=ann via=session") {
		t.Errorf("%s", r.log)
	}
	if me := text(t, r.send(t, "GET", whoAmIPath, session)); !strings.Contains(me, `"username":"ann"`) || !strings.Contains(me, `"is_basic_auth":false`) {
		t.Errorf("%s", me)
	}
	if out := text(t, r.send(t, "GET", signOutPath, session)); !strings.Contains(out, "signed in as <b>ann</b>") {
		t.Errorf("%s", out)
	}
	out := r.send(t, "POST", signOutPath, session)
	if c := out.Cookies(); out.StatusCode != 303 || len(c) != 1 || c[0].MaxAge != -1 || c[0].Name != "mlflow-session" {
		t.Errorf("signing out: %d %v", out.StatusCode, c)
	}
	if again := r.send(t, "GET", signInPath+"?next=/x", session); again.Header.Get("Location") != "/x" {
		t.Errorf("signed in already: %d", again.StatusCode)
	}
}

func TestOverHTTPSTheCookieIsForThisHostOnly(t *testing.T) {
	r := start(t, func(o *Options) { o.Proxies = Proxies{Hops: 1} })
	in := r.signInForm(t, "ann", annsPassword, "/", "X-Forwarded-Proto: https")
	c := in.Cookies()[0]
	if c.Name != "__Host-mlflow" || !c.Secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly {
		t.Errorf("%+v", c)
	}
	// Brought by http, and under the name of the other scheme, it is none.
	for _, line := range []string{"Cookie: __Host-mlflow=" + c.Value, "Cookie: mlflow-session=x"} {
		if resp := r.send(t, "GET", "/", line); resp.StatusCode != 401 {
			t.Errorf("%s: %d", line, resp.StatusCode)
		}
	}
	if resp := r.send(t, "GET", "/", "Cookie: __Host-mlflow="+c.Value, "X-Forwarded-Proto: https"); resp.StatusCode != 200 {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestAWrongPasswordOnThePageTellsNothing(t *testing.T) {
	r := start(t)
	known, unknown := r.signInForm(t, "ann", "wrong", "/"), r.signInForm(t, "eve<b>", "wrong", "//evil.example")
	a, b := text(t, known), text(t, unknown)
	if known.StatusCode != 403 || unknown.StatusCode != 403 || len(known.Cookies())+len(unknown.Cookies()) > 0 {
		t.Errorf("%d %d", known.StatusCode, unknown.StatusCode)
	}
	if strings.ReplaceAll(a, `value="ann"`, "") != strings.ReplaceAll(b, `value="eve&lt;b&gt;"`, "") || strings.Contains(b, "evil.example") {
		t.Errorf("the pages differ:\n%s\n%s", a, b)
	}
	if resp := r.send(t, "POST", signInPath, "Content-Type: application/json"); resp.StatusCode != 400 {
		t.Errorf("JSON: %d", resp.StatusCode)
	}
	if resp := r.signInForm(t, "ann", annsPassword, "/", "Origin: https://evil.example"); resp.StatusCode != 403 || len(resp.Cookies()) > 0 {
		t.Errorf("login CSRF: %d", resp.StatusCode)
	}
	if resp := r.signInForm(t, "ann", strings.Repeat("x", maxForm), "/"); resp.StatusCode != 400 {
		t.Errorf("a long form: %d", resp.StatusCode)
	}
}

// signedFor is a session of a user with the present password.
func signedFor(t testing.TB, s *sessions, user string) string {
	t.Helper()
	version, ok := s.users.Version(user)
	if !ok {
		t.Fatalf("no user %s", user)
	}
	return s.sign(user, version)
}

// changing are users who are others by the time that a password has been checked.
type changing struct {
	*users.Directory
	to []users.Credential
}

func (c changing) Check(ctx context.Context, a users.Attempt) (users.Verdict, users.Version) {
	verdict, version := c.Directory.Check(ctx, a)
	if err := c.Replace(c.to); err != nil {
		return users.Busy, users.Version{}
	}
	return verdict, version
}

func TestWhoSignsInWhileThePasswordIsChangedIsOutWithTheOldOne(t *testing.T) {
	for why, to := range map[string][]users.Credential{
		"changed": {{Name: "ann", Password: "another"}}, "removed": {{Name: "bob", Password: "b"}},
	} {
		r := start(t, func(o *Options) { o.Users = changing{directory(t), to} })
		in := r.signInForm(t, "ann", annsPassword, "/")
		for _, c := range in.Cookies() {
			if resp := r.send(t, "GET", "/", "Cookie: "+c.Name+"="+c.Value); resp.StatusCode != 401 {
				t.Errorf("%s: %d with the session of the old password", why, resp.StatusCode)
			}
		}
		if got := r.mlflow.reached(); len(got) != 0 {
			t.Errorf("%s: reached MLflow: %v", why, got)
		}
	}
}

func TestASessionEndsWithThePasswordAndWithTime(t *testing.T) {
	d := directory(t)
	s := newSessions([]byte(strings.Repeat("k", 32)), time.Hour, d)
	now := time.Unix(1_800_000_000, 0)
	s.now = func() time.Time { return now }
	value := signedFor(t, s, "ann")
	version, _ := d.Version("ann")
	check := func(want bool, why string) {
		t.Helper()
		if name, ok := s.user(value); ok != want || ok && name != "ann" {
			t.Errorf("%s: %q %v", why, name, ok)
		}
	}
	check(true, "new")
	now = now.Add(time.Hour - time.Second)
	check(true, "nearly over")
	now = now.Add(time.Second)
	check(false, "over")
	now = now.Add(-2 * time.Hour)
	check(true, "before")
	if err := d.Replace([]users.Credential{{Name: "ann", Password: "another"}}); err != nil {
		t.Fatal(err)
	}
	check(false, "another password")
	if err := d.Replace([]users.Credential{{Name: "bob", Password: annsPassword}}); err != nil {
		t.Fatal(err)
	}
	check(false, "ann is gone")
	if _, ok := s.user(s.sign("ann", version)); ok {
		t.Error("a session for nobody")
	}
	if err := d.Replace([]users.Credential{{Name: "ann", Password: annsPassword}}); err != nil {
		t.Fatal(err)
	}
	check(true, "the same password again")
	if _, ok := newSessions([]byte(strings.Repeat("K", 32)), time.Hour, d).user(value); ok {
		t.Error("another key takes it")
	}
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // every bit counts
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if _, ok := s.user(base64.RawURLEncoding.EncodeToString(raw)); ok {
				t.Fatalf("bit %d of byte %d does not count", bit, i)
			}
			raw[i] ^= 1 << bit
		}
	}
}

func TestScriptsOfAPageWhoseSessionIsOverGetNoPrompt(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		headers []string
		want    string
		status  int
	}{
		{[]string{"Sec-Fetch-Mode: cors", "Accept: */*"}, "Bearer ", 401},
		{[]string{"Sec-Fetch-Mode: cors", "Accept: text/html"}, "Bearer ", 401},
		{[]string{"Accept: */*"}, "Basic ", 401},
		{[]string{"Accept: application/json"}, "Basic ", 401},
		{[]string{"Accept: text/html,*/*"}, "", 303},
	} {
		resp := r.send(t, "GET", "/version", c.headers...)
		if resp.StatusCode != c.status || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), c.want) {
			t.Errorf("%q: %d %q", c.headers, resp.StatusCode, resp.Header.Get("WWW-Authenticate"))
		}
	}
	b := start(t, func(o *Options) { o.BrowserPrompt = true })
	if resp := b.send(t, "GET", "/", "Accept: text/html", "Sec-Fetch-Mode: navigate"); resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic ") {
		t.Errorf("MLFLOW_LOGIN=basic: %d", resp.StatusCode)
	}
	if resp := b.send(t, "GET", signInPath, signedIn); resp.StatusCode != 404 {
		t.Errorf("MLFLOW_LOGIN=basic has a sign-in page: %d", resp.StatusCode)
	}
}

func TestTokensStandForAPassword(t *testing.T) {
	token, hash := users.NewToken()
	parsed, err := users.ParseTokenHash("ann", hash)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, func(o *Options) { o.Users = directory(t, parsed) })
	for header, want := range map[string]int{
		"Authorization: Bearer " + token:         200,
		"Authorization: bearer " + token:         200,
		basic("ann", token):                      200,
		basic("", token):                         200,
		basic("vic", token):                      401,
		"Authorization: Bearer " + token + "x":   401,
		"Authorization: Bearer " + hash:          401,
		"Authorization: Bearer " + annsPassword:  401,
		"Authorization: Basic " + token:          401,
		"Authorization: Bearer " + token + ", x": 401,
	} {
		if resp := r.send(t, "GET", "/version", header); resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", header, resp.StatusCode, want)
		}
	}
	if !strings.Contains(r.log.String(), `via="token `+parsed.ID+`"`) || strings.Contains(r.log.String(), token[16:]) {
		t.Errorf("%s", r.log)
	}
}
