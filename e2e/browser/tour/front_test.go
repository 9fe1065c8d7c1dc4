package tour

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// name is the server's on the net of the browser.
const name = "tracking.example.com"

// front ends TLS as Heroku's router does: it appends to X-Forwarded-For, replaces X-Forwarded-Proto and -Port, and leaves
// the Host as it is.
func front(t *testing.T, server string) *httptest.Server {
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
