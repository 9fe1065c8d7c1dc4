package gate

import (
	"html"
	"strings"
	"testing"

	"mlflow-server/internal/connect"
)

func TestTheSignInPageLinksToWhatIsPastedIntoAClient(t *testing.T) {
	r := start(t)
	page := text(t, r.send(t, "GET", signInPath+"?next=/%23/experiments/1"))
	_, rest, ok := strings.Cut(page, `<a href="`)
	link, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("there is no link:\n%s", page)
	}
	resp := r.send(t, "GET", html.UnescapeString(link), "Accept: text/html")
	shown := html.UnescapeString(text(t, resp))
	if resp.StatusCode != 200 || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for _, s := range (connect.Login{URL: r.URL, User: "your-name"}).Snippets() {
		if !strings.Contains(shown, s.Text) {
			t.Errorf("%s is not what the command prints:\n%s", s.Title, shown)
		}
	}
	if !strings.Contains(shown, "/-/login?next=%2f%23%2fexperiments%2f1") {
		t.Errorf("the way back forgets where it leads:\n%s", shown)
	}
	for _, secret := range []string{"ann", annsPassword, "MLflow 3", "127.0.0.2"} {
		if strings.Contains(shown, secret) {
			t.Errorf("it tells %q", secret)
		}
	}
}

func TestWhatIsPastedNamesTheAddressThatTheReaderUsed(t *testing.T) {
	r := start(t, func(o *Options) { o.Proxies = Proxies{Hops: 1} })
	for host, want := range map[string]string{
		"mlflow.example.com": "https://mlflow.example.com",
		"[::1]:8080":         "https://[::1]:8080",
	} {
		shown := html.UnescapeString(text(t, r.send(t, "GET", signInPath+"?clients=1", "Host: "+host, "X-Forwarded-Proto: https")))
		if !strings.Contains(shown, want+`"`) || !strings.Contains(shown, want+"'") {
			t.Errorf("%s is not in\n%s", want, shown)
		}
	}
	// Where it leads afterwards stays on this server.
	if shown := text(t, r.send(t, "GET", signInPath+"?clients&next=//evil.example")); strings.Contains(shown, "evil") {
		t.Error(shown)
	}
}
