package lifecycle

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// metrics stands for Heroku's own collector, which is not to be had elsewhere.
type metrics struct {
	url string

	mu   sync.Mutex
	body string
}

func collector(t *testing.T) *metrics {
	t.Helper()
	m := &metrics{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.body = string(body)
	}))
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func (m *metrics) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.body
}
