package metrics

import (
	"net/http"
	"sync"
	"time"
)

// bounds of the latency histogram in seconds, from a cached answer to what a platform's router cuts off.
var bounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}

// Requests counts requests and their time. Its zero value is ready for use.
type Requests struct {
	mu       sync.Mutex
	answers  map[answer]uint64
	times    map[string]*histogram // by class
	inFlight int
	history  history
	refused  map[string]uint64 // logins, by reason
}

// answer is what is counted apart.
type answer struct {
	class  string
	status int
}

type histogram struct {
	counts [len(bounds)]uint64 // of requests that took at most the bound and more than the one before
	count  uint64
	sum    float64 // seconds
}

// LoginRefused counts a login that was refused for a reason of the gate's.
func (m *Requests) LoginRefused(reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused == nil {
		m.refused = map[string]uint64{}
	}
	m.refused[reason]++
}

// Count counts what passes through it.
func (m *Requests) Count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		m.began()
		seen := &recorder{ResponseWriter: w}
		defer func() { m.ended(class(r.URL.Path), seen.status, time.Since(began)) }()
		next.ServeHTTP(seen, r)
	})
}

func (m *Requests) began() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
}

func (m *Requests) ended(class string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	if m.answers == nil {
		m.answers, m.times = map[answer]uint64{}, map[string]*histogram{}
	}
	m.answers[answer{class, status}]++
	if class != "health" && class != "own" {
		m.history.add(time.Now(), status, took)
	}
	h := m.times[class]
	if h == nil {
		h = &histogram{}
		m.times[class] = h
	}
	seconds := took.Seconds()
	h.count++
	h.sum += seconds
	for i, bound := range bounds {
		if seconds <= bound {
			h.counts[i]++
			break
		}
	}
}

// recorder remembers an answer's status; 0 is an answer that never came.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
