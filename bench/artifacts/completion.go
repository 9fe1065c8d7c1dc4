package artifacts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"mlflow-server/bench/result"
)

// soonAfter is how long after an upload's last byte the answer is expected, in seconds, without the time that the store itself
// takes to put the parts together.
const soonAfter = 0.3

// clock passes everything on to the store and notes how long it takes to complete an upload.
type clock struct {
	*httptest.Server
	took atomic.Int64 // nanoseconds of the last completion
}

func clockBefore(endpoint string) (*clock, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("reading the store's address: %w", err)
	}
	c := &clock{}
	pass := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
			p.Out.Host = p.In.Host // what has been signed
			p.Out.URL.RawQuery = p.In.URL.RawQuery
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 16, WriteBufferSize: 256 << 10, ReadBufferSize: 256 << 10},
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		pass.ServeHTTP(w, r)
		if r.Method == http.MethodPost && r.URL.Query().Has("uploadId") {
			c.took.Store(int64(time.Since(began)))
		}
	}))
	return c, nil
}

// afterTheLastByte measures what the gate adds to the store's own completion, on a server of its own that has a clock before
// the store. With the parts sent while the body came, only the last ones are still to be sent.
func (b *bench) afterTheLastByte(ctx context.Context) (err error) {
	title := size(b.scale.Large)
	b.say(title + ", the time after the last byte")
	timed := b.store
	c, err := clockBefore(b.store.endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	timed.endpoint = c.URL
	s, err := start(ctx, filepath.Join(b.dir, "timed"), b.program, timed, "true")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	s.sent = &b.sent
	var added, own []float64
	for i := range b.scale.Larges {
		c.took.Store(0)
		m, err := s.up(ctx, "timed/"+strconv.Itoa(i), b.scale.Large, false)
		if err != nil {
			return err
		}
		took := time.Duration(c.took.Load())
		if took == 0 {
			return errors.New("an upload was not completed in parts")
		}
		added, own = append(added, (m.answered-took).Seconds()), append(own, took.Seconds())
	}
	b.r.Figures = append(b.r.Figures,
		result.Alone("last byte to answer without the store's own completion, "+title, "s", result.Of(ours, added...)).ValueAtMost(soonAfter),
		result.Alone("the store's own completion, "+title, "s", result.Of("versitygw", own...)))
	return nil
}
