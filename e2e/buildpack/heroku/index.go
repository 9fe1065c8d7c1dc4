package heroku

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
)

// Index is a private package index: it asks for a login, has a certificate of an authority that nobody knows, hands out the
// real one's pages and a package of its own (Native), and is unwell at first.
type Index struct {
	// URL with the login.
	URL string
	// Authority is the certificate of its authority, as PEM.
	Authority []byte
	// Refused counts the requests without the login, Unwell the answers of 503, Served the pages.
	Refused, Unwell, Served atomic.Int64
}

// ServeIndex starts an index that answers its first requests with 503, as often as unwell says.
func ServeIndex(t testing.TB, user, password string, unwell int64) *Index {
	t.Helper()
	// pip knows where the public index is.
	public, err := exec.CommandContext(t.Context(), "python3", "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)").Output()
	if err != nil {
		t.Fatalf("asking pip for its index: %v", err)
	}
	upstream := strings.TrimSpace(string(public))
	for _, name := range []string{"PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"} {
		if v := os.Getenv(name); v != "" {
			upstream = v
		}
	}
	target, err := url.Parse(strings.TrimSuffix(upstream, "/"))
	if err != nil {
		t.Fatal(err)
	}
	index := &Index{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, target.Host
		r.Out.URL.Path = target.Path + strings.TrimPrefix(r.In.URL.Path, "/private/simple")
		r.Out.URL.User = target.User
		r.Out.Header.Del("Authorization")
	}}
	own := serveNative(t, "/private/simple")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != user || p != password {
			index.Refused.Add(1)
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "who is it?", http.StatusUnauthorized)
			return
		}
		if index.Unwell.Load() < unwell {
			index.Unwell.Add(1)
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		index.Served.Add(1)
		if !own(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	authority, certificate := authority(t)
	index.Authority, server.TLS = authority, &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	index.URL = strings.Replace(server.URL, "://", "://"+url.UserPassword(user, password).String()+"@", 1) + "/private/simple"
	return index
}
