package artifacts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// source yields size bytes that do not repeat within a store's part, and remembers when the last one was taken.
type source struct {
	size, at int64
	sum      hash.Hash // nil: nobody wants to know
	done     time.Time
	count    *atomic.Int64 // grows by what is taken
}

var noise = sync.OnceValue(func() []byte {
	b := make([]byte, 4<<20+13)
	_, _ = rand.Read(b) // never fails
	return b
})

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	if s.at >= s.size {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), s.size-s.at)], noise()[s.at%int64(len(noise())):])
	if s.sum != nil {
		s.sum.Write(p[:n])
	}
	s.count.Add(int64(n))
	if s.at += int64(n); s.at >= s.size {
		s.done = time.Now()
	}
	return n, nil
}

// moved is one transfer.
type moved struct {
	took time.Duration
	// answered is the time from an upload's last byte to the answer, or from a download's request to its first byte.
	answered time.Duration
	sum      []byte
}

// rate is in MB/s.
func rate(size int64, took time.Duration) float64 { return float64(size) / mega / took.Seconds() }

const route = "/api/2.0/mlflow-artifacts/artifacts/"

func (s server) request(ctx context.Context, method, name string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+route+name, body)
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(s.user, s.password)
	return r, nil
}

func (s server) up(ctx context.Context, name string, size int64, sum bool) (moved, error) {
	from := &source{size: size, count: s.sent}
	if sum {
		from.sum = sha256.New()
	}
	r, err := s.request(ctx, http.MethodPut, name, from)
	if err != nil {
		return moved{}, err
	}
	r.ContentLength = size
	began := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return moved{}, fmt.Errorf("uploading %d MB: %w", size/mega, err)
	}
	defer answer.Body.Close()
	m := moved{took: time.Since(began), answered: time.Since(from.done)}
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		return m, fmt.Errorf("uploading %d MB: %s %s", size/mega, answer.Status, text)
	}
	if sum {
		m.sum = from.sum.Sum(nil)
	}
	return m, nil
}

// straight uploads past all servers, with one request that is signed beforehand: nothing is less work.
func (b *bench) straight(ctx context.Context, name string, size int64) error {
	url, err := b.store.presign(ctx, "straight/"+name)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, url, &source{size: size, count: &b.sent})
	if err != nil {
		return err
	}
	r.ContentLength = size
	answer, err := b.gate.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the store answered %s", answer.Status)
	}
	return nil
}

func (s server) down(ctx context.Context, name string, size int64, sum bool) (moved, error) {
	r, err := s.request(ctx, http.MethodGet, name, nil)
	if err != nil {
		return moved{}, err
	}
	began := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return moved{}, fmt.Errorf("downloading %d MB: %w", size/mega, err)
	}
	defer answer.Body.Close()
	var m moved
	buffer := make([]byte, 256<<10)
	var to hash.Hash
	if sum {
		to = sha256.New()
	}
	var got int64
	for {
		n, err := answer.Body.Read(buffer)
		if n > 0 && got == 0 {
			m.answered = time.Since(began)
		}
		if to != nil {
			to.Write(buffer[:n])
		}
		got += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return m, fmt.Errorf("downloading %d MB: %w", size/mega, err)
		}
	}
	if got != size || answer.StatusCode != http.StatusOK {
		return m, fmt.Errorf("downloading %d MB: %s, %d bytes", size/mega, answer.Status, got)
	}
	m.took = time.Since(began)
	if to != nil {
		m.sum = to.Sum(nil)
	}
	return m, nil
}
