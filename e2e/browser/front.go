package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

// Name is that of a server behind [Front], for browsers that [Abroad] has opened.
const Name = "tracking.example.com"

// Behind is what a server needs to know to stand behind [Front]: as much as a dyno does.
func Behind() map[string]string {
	return map[string]string{
		"DYNO": "web.1", "HEROKU_APP_DEFAULT_DOMAIN_NAME": Name, "MLFLOW_ALLOWED_HOSTS": Name + ",127.0.0.1",
		"MLFLOW_ALLOW_EPHEMERAL": "true",
	}
}

// Abroad opens a browser to which [Name] is a name of this machine, and no other name is one.
func Abroad(t *testing.T) *Visitor {
	t.Helper()
	return Open(t,
		chromedp.Flag("host-resolver-rules", "MAP "+Name+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("ignore-certificate-errors", true), // the front's is its own
	)
}

// Home is the address under which such a browser reaches a front.
func Home(t *testing.T, front *httptest.Server) string {
	t.Helper()
	address, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	return "https://" + Name + ":" + address.Port()
}

// Front ends TLS as Heroku's router does: it appends to X-Forwarded-For, replaces X-Forwarded-Proto and -Port, and leaves
// the Host as it is.
func Front(t *testing.T, server string) *httptest.Server {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	f := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
		p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
		p.SetXForwarded()
		p.Out.Header.Del("X-Forwarded-Host") // not one of Heroku's
		p.Out.Header.Set("X-Forwarded-Port", "443")
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }})
	t.Cleanup(f.Close)
	return f
}
