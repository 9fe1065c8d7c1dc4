package heroku

import (
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// router stands before a dyno and tells it what Heroku's tells: that the client came by https and from where. Returns its
// address. See https://devcenter.heroku.com/articles/http-routing#heroku-headers.
func router(t testing.TB, dyno string) string {
	t.Helper()
	target, err := url.Parse(dyno)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0) // a dyno that does not listen yet is no news
	server := httptest.NewServer(&httputil.ReverseProxy{ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
		client, _, _ := net.SplitHostPort(r.In.RemoteAddr)
		if before := r.In.Header.Get("X-Forwarded-For"); before != "" {
			client = before + ", " + client
		}
		r.Out.Header.Set("X-Forwarded-For", client)
		r.Out.Header.Set("X-Forwarded-Proto", "https")
		r.Out.Header.Set("X-Forwarded-Port", "443")
		r.Out.Header.Set("Via", "1.1 heroku-router")
	}})
	t.Cleanup(server.Close)
	return server.URL
}
