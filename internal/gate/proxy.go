package gate

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// upstreamHost is the name under which MLflow is spoken to: its security middleware accepts local names only.
const upstreamHost = "127.0.0.1"

// newProxy hands requests to MLflow as they are, less what only the gate may say: who the client is and where it
// comes from. Bodies stream both ways.
func newProxy(upstream Upstream, log *slog.Logger) http.Handler {
	return readToTheAnswersEnd(&httputil.ReverseProxy{
		Transport:      upstream,
		Rewrite:        rewrite,
		ModifyResponse: adopt,
		BufferPool:     &buffers,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			proxyFailed(w, r, upstream, log, err)
		},
	})
}

func rewrite(p *httputil.ProxyRequest) {
	out, a := p.Out, about(p.In)
	dropIdentity(out.Header)
	dropSession(out.Header)
	// Checked by refuseCrossOrigin and checkHost. Left in, MLflow would refuse its own UI on any public name.
	out.Header.Del("Origin")
	out.Header.Del("Upgrade") // nothing in MLflow switches protocols
	out.Header.Del("Connection")
	out.Trailer = nil // which could carry an identity behind the body
	out.Host = upstreamHost
	out.URL.Scheme, out.URL.Host = "http", upstreamHost
	// As it came: ReverseProxy would drop what Go cannot parse, such as a filter with a semicolon. The gate decides nothing
	// by a query, so there is nothing to be understood differently behind it.
	out.URL.RawQuery = p.In.URL.RawQuery
	// Always set: without X-Forwarded-For, MLflow takes a caller for a user of its own machine.
	out.Header.Set("X-Forwarded-For", a.client)
	out.Header.Set("X-Forwarded-Proto", a.scheme)
	out.Header.Set("X-Forwarded-Host", p.In.Host)
	out.Header.Set("X-Request-Id", a.id)
}

// adopt makes MLflow's answer this server's own.
func adopt(answer *http.Response) error {
	if err := readShort(answer); err != nil {
		return err
	}
	for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "X-Frame-Options"} {
		answer.Header.Del(name) // the gate has set them; twice, browsers may ignore both
	}
	keepRedirectsHere(answer)
	return nil
}

// keepRedirectsHere makes redirects to MLflow's own address relative: the client knows this server by another name.
func keepRedirectsHere(answer *http.Response) {
	location, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || hostName(location.Host) != upstreamHost {
		return
	}
	location.Scheme, location.Host = "", ""
	if path := location.String(); strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		answer.Header.Set("Location", path)
	} else {
		answer.Header.Set("Location", "/")
	}
}

// proxyFailed answers a request that MLflow did not: its process died, the body could not be read, or the client left.
func proxyFailed(w http.ResponseWriter, r *http.Request, upstream Upstream, log *slog.Logger, err error) {
	if why := broken(r); why != nil { // before the context, which ends with the reading
		refuseBroken(w, r, why)
		return
	}
	if errors.Is(err, context.Canceled) || r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody is there to read an answer
	}
	log.Warn("MLflow did not answer", "method", r.Method, "path", r.URL.EscapedPath(), "id", about(r).id, "error", err)
	if ready, doing := upstream.Phase(); !ready {
		refuse(w, r, waiting(doing))
		return
	}
	refuse(w, r, refusal{
		status: http.StatusBadGateway, code: "TEMPORARILY_UNAVAILABLE",
		title: "MLflow did not answer", text: "The tracking server broke off this request. It is running again or will be in a moment.",
		retry: true,
	})
}

// buffers are shared by all transfers, so that memory does not grow with every request that ever was.
var buffers bufferPool

type bufferPool struct{ pool sync.Pool }

const bufferSize = 32 << 10

// Get returns a buffer of bufferSize bytes.
func (p *bufferPool) Get() []byte {
	if b, ok := p.pool.Get().(*[bufferSize]byte); ok {
		return b[:]
	}
	return new([bufferSize]byte)[:]
}

// Put takes back a buffer that Get returned.
func (p *bufferPool) Put(b []byte) { p.pool.Put((*[bufferSize]byte)(b)) }
