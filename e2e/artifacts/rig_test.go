package artifacts_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/artifacts"
	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/gate/gatetest"
)

// behind is MLflow's own server, spoken to over its gate.
type behind struct{ harness.Client }

func (behind) Phase() (bool, string) { return true, "" }

func (behind) Ready() bool { return true }

func (b behind) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.URL == "" {
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}, nil
	}
	u, err := url.Parse(b.URL)
	if err != nil {
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host = u.Scheme, u.Host, u.Host
	out.SetBasicAuth(b.User, b.Password)
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	// Of the gate over which MLflow is spoken to here. The gate in front of the room says them again.
	for _, name := range []string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy"} {
		answer.Header.Del(name)
	}
	return answer, nil
}

// native is the artifact room behind a gate, in this process.
type native struct {
	harness.Client
	room *artifacts.Room
	log  *logBuffer
	stop func() // takes the room out of service, as a stop of the server does
}

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

// serve starts a native room for an artifact store that is given by environment variables.
func serve(t testing.TB, mlflow harness.Client, variables map[string]string) native {
	t.Helper()
	env := map[string]string{"MLFLOW_TRACKING_PASSWORD": "x", "MLFLOW_DATA_DIR": t.TempDir()}
	maps.Copy(env, variables)
	c, err := config.Load(config.Serve, func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	written := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(written, nil))
	upstream := behind{mlflow}
	room, err := artifacts.New(artifacts.Options{Artifacts: c.Artifacts, Service: c.Service, Directory: c.DataDir, MLflow: upstream, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = gate.NewServer(gate.New(gate.Options{Users: gatetest.Everybody{}, Upstream: upstream, Rooms: []gate.Room{room}, Log: logger}), logger)
	server.Start()
	stop := sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := room.Close(ctx); err != nil {
			t.Errorf("the room did not close: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		server.CloseClientConnections()
		server.Close()
		if strings.Contains(written.String(), harness.DefaultPassword) {
			t.Error("a password is in the log")
		}
	})
	return native{Client: harness.Client{URL: server.URL, User: "ann", Password: "x"}, room: room, log: written, stop: stop}
}

// quick asks one server many times over kept connections.
var quick = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}, // the gate compresses, MLflow does not
	Timeout:       3 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// bare is a way to MLflow's own server past the gate before it, so that its answers are its own.
func bare(t testing.TB, server *harness.Instance) harness.Client {
	t.Helper()
	socket := server.WorkerSockets()[0]
	way := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", "127.0.0.1", "127.0.0.1" // local names only
			p.Out.URL.RawQuery = p.In.URL.RawQuery                                          // also what Go would not take for a query
			p.Out.Header.Del("Authorization")
		},
		Transport: &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way.ServeHTTP(promptWriter{w}, r)
	}))
	t.Cleanup(proxy.Close)
	return harness.Client{URL: proxy.URL, User: server.User, Password: server.Password}
}

// promptWriter sends headers on at once. Else Go gives an empty answer the length 0, where MLflow sent none, and sends nothing at
// all of an answer that MLflow breaks off.
type promptWriter struct{ http.ResponseWriter }

func (w promptWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w promptWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
	err    error // instead of a response
}

// send makes a request with the path as it is written.
func send(ctx context.Context, c harness.Client, method, path, body string, headers map[string]string) answer {
	r, err := http.NewRequestWithContext(ctx, method, c.URL, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	raw, query, _ := strings.Cut(path, "?")
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		return answer{err: err}
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = decoded, raw, query
	r.SetBasicAuth(c.User, c.Password)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if body == "" && method != http.MethodPut {
		r.Body, r.ContentLength = nil, 0
	}
	response, err := quick.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: string(read), err: err}
}
