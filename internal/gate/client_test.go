package gate

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestWhoTheClientIs(t *testing.T) {
	private := Proxies{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, c := range []struct {
		why     string
		proxies Proxies
		peer    string
		header  http.Header
		client  string
		scheme  string
	}{
		{"nobody is believed", Proxies{}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Proto": {"https"}}, "10.0.0.1", "http"},
		{"one hop", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6, 1.1.1.1"}, "X-Forwarded-Proto": {"https"}}, "1.1.1.1", "https"},
		{"one hop, two lines", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6", "1.1.1.1"}}, "1.1.1.1", "http"},
		{"one hop says nothing", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{}, "10.0.0.1", "http"},
		{"one hop says rubbish", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"unknown"}}, "10.0.0.1", "http"},
		{"a viewer's scheme is invented at one hop", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{"Cloudfront-Forwarded-Proto": {"https"}, "X-Forwarded-Proto": {"http"}}, "10.0.0.1", "http"},
		{"CloudFront before a load balancer", Proxies{Hops: 2}, "10.0.0.1:1",
			http.Header{"X-Forwarded-For": {"6.6.6.6, 1.1.1.1, 130.176.0.1"}, "X-Forwarded-Proto": {"http"}, "Cloudfront-Forwarded-Proto": {"https"}}, "1.1.1.1", "https"},
		{"past CloudFront", Proxies{Hops: 2}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"1.1.1.1"}}, "1.1.1.1", "http"},
		{"networks", private, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6, 1.1.1.1, 10.2.0.1"}, "X-Forwarded-Proto": {"https"}}, "1.1.1.1", "https"},
		{"networks all the way", private, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"10.3.0.1, 10.2.0.1"}}, "10.3.0.1", "http"},
		{"from outside the networks", private, "9.9.9.9:1", http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Proto": {"https"}}, "9.9.9.9", "http"},
		{"IPv6 with a port", private, "[fd00::1]:1", http.Header{"X-Forwarded-For": {"[2001:db8::7]:443"}}, "2001:db8::7", "http"},
		{"IPv4 with a port", Proxies{Hops: 1}, "10.0.0.1:1", http.Header{"X-Forwarded-For": {"1.1.1.1:80"}}, "1.1.1.1", "http"},
		{"mapped IPv4", Proxies{Hops: 1}, "[::ffff:10.0.0.1]:1", http.Header{"X-Forwarded-For": {"::ffff:1.1.1.1"}}, "1.1.1.1", "http"},
	} {
		t.Run(c.why, func(t *testing.T) {
			var a request
			c.proxies.locate(&a, &http.Request{RemoteAddr: c.peer, Header: c.header})
			if a.client != c.client || a.scheme != c.scheme {
				t.Errorf("%s by %s, want %s by %s", a.client, a.scheme, c.client, c.scheme)
			}
		})
	}
}

func TestHTTPSIsAskedForWhereAProxyEndsIt(t *testing.T) {
	r := start(t, func(o *Options) { o.Proxies, o.ForceHTTPS = Proxies{Hops: 1}, true })
	plain := r.send(t, "POST", "/api/2.0/mlflow/runs/search?x=1", signedIn, "Host: ml.example", "X-Forwarded-Proto: http")
	if plain.StatusCode != 308 || plain.Header.Get("Location") != "https://ml.example/api/2.0/mlflow/runs/search?x=1" || plain.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("%d %v", plain.StatusCode, plain.Header)
	}
	secure := r.send(t, "GET", "/version", signedIn, "X-Forwarded-Proto: https")
	if secure.StatusCode != 200 || !strings.HasPrefix(secure.Header.Get("Strict-Transport-Security"), "max-age=") {
		t.Errorf("%d %v", secure.StatusCode, secure.Header)
	}
	if health := r.send(t, "GET", "/health"); health.StatusCode != 200 {
		t.Errorf("a load balancer's probe: %d", health.StatusCode)
	}
	// CloudFront ends TLS and speaks http to the load balancer: no circle.
	cdn := start(t, func(o *Options) { o.Proxies, o.ForceHTTPS = Proxies{Hops: 2}, true })
	if resp := cdn.send(t, "GET", "/version", signedIn, "X-Forwarded-Proto: http", "CloudFront-Forwarded-Proto: https", "X-Forwarded-For: 1.1.1.1, 130.176.0.1"); resp.StatusCode != 200 {
		t.Errorf("behind CloudFront: %d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func TestWhoeverComesByHTTPSIsKeptThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		proxies Proxies
		headers []string
		want    string
	}{
		{"a load balancer that is believed", Proxies{Hops: 1}, []string{"X-Forwarded-Proto: https"}, strictTransport},
		{"CloudFront before it", Proxies{Hops: 2}, []string{"X-Forwarded-Proto: http", "CloudFront-Forwarded-Proto: https"}, strictTransport},
		{"http", Proxies{Hops: 1}, []string{"X-Forwarded-Proto: http"}, ""},
		{"anybody who says so", Proxies{}, []string{"X-Forwarded-Proto: https"}, ""},
	} {
		r := start(t, func(o *Options) { o.Proxies = c.proxies })
		if resp := r.send(t, "GET", "/version", append(c.headers, signedIn)...); resp.StatusCode != 200 || resp.Header.Get("Strict-Transport-Security") != c.want {
			t.Errorf("%s: %d %q, want %q", c.why, resp.StatusCode, resp.Header.Get("Strict-Transport-Security"), c.want)
		}
	}
}

func TestAnswersTellBrowsersWhatToMakeOfThem(t *testing.T) {
	r := start(t)
	for path, want := range map[string]map[string]string{
		"/": {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "", "Strict-Transport-Security": ""},
		"/static-files/lib/notebook-trace-renderer/index.html":                             {"X-Frame-Options": ""},
		"/get-artifact?path=x.html":                                                        {"Content-Security-Policy": "sandbox"},
		"/model-versions/get-artifact?path=x.html":                                         {"Content-Security-Policy": "sandbox"},
		"/ajax-api/2.0/mlflow/get-trace-artifact?path=x.html":                              {"Content-Security-Policy": "sandbox"},
		"/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=x.html": {"Content-Security-Policy": "sandbox"},
		"/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/directories":                     {"Content-Security-Policy": ""},
		"/api/2.0/mlflow-artifacts/artifacts/0/1/artifacts/x.h":                            {"Content-Security-Policy": "sandbox"},
	} {
		got := r.send(t, "GET", path, signedIn).Header
		for name, value := range want {
			if got.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Get(name), value)
			}
		}
	}
}
