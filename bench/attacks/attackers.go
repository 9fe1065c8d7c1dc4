package attacks

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// guesser tries wrong passwords for one user, all behind the proxy that it plays.
type guesser struct {
	address, user string
	homes         uint32 // how many addresses they come from
	atOnce        int    // how many guesses are on their way at once

	sent, looked, putOff, crowded atomic.Int64
}

// newHome is so many addresses that none is used twice.
const newHome = 1 << 22

// guess sends so many guesses evenly over a time, unless ctx ends it.
func (g *guesser) guess(ctx context.Context, guesses int, over time.Duration) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: g.atOnce}}
	defer client.CloseIdleConnections()
	next := make(chan int)
	var running sync.WaitGroup
	var failed atomic.Pointer[error]
	for range g.atOnce {
		running.Go(func() {
			for i := range next {
				if err := g.one(ctx, client, i); err != nil && ctx.Err() == nil {
					failed.Store(&err)
				}
			}
		})
	}
	pause := time.NewTicker(over / time.Duration(guesses))
	defer pause.Stop()
	for i := 0; i < guesses && ctx.Err() == nil; i++ {
		select {
		case <-pause.C:
			select {
			case next <- i:
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}
	close(next)
	running.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (g *guesser) one(ctx context.Context, client *http.Client, i int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.address+"/version", nil)
	if err != nil {
		return err
	}
	home := rand.N(g.homes)
	r.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{100, 64 + byte(home>>16), byte(home >> 8), byte(home)}).String())
	r.SetBasicAuth(g.user, fmt.Sprintf("guess %d-%d", i, rand.Uint64()))
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	g.sent.Add(1)
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		g.looked.Add(1)
	case http.StatusTooManyRequests:
		g.putOff.Add(1)
	case http.StatusServiceUnavailable: // no place to wait for a hash
		g.crowded.Add(1)
	default:
		return fmt.Errorf("a guess was answered with %s", answer.Status)
	}
	return nil
}

// untilPutOff guesses until most guesses are put off, as they are from then on.
func (g *guesser) untilPutOff(ctx context.Context) error {
	const some, each = 16, 40 // at once; the most that are taken of an address are far fewer
	for done := uint32(0); done < each*g.homes; done += some {
		before := g.putOff.Load()
		if err := g.guess(ctx, some, time.Second/100); err != nil || g.putOff.Load()-before > some*3/4 {
			return err
		}
	}
	return fmt.Errorf("after %d guesses %d have been put off", g.sent.Load(), g.putOff.Load())
}

// fate says what has become of the guesses.
func (g *guesser) fate() string {
	return fmt.Sprintf("%d were looked at (401), %d were put off (429), %d found no place to wait (503), none was let in", g.looked.Load(), g.putOff.Load(), g.crowded.Load())
}

// holdOpen opens connections that send half a request and nothing more, until ctx ends.
func holdOpen(ctx context.Context, address string, n int) error {
	var dialer net.Dialer
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	for i := 0; i < n && ctx.Err() == nil; i++ {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("opening connection %d: %w", i+1, err)
		}
		open = append(open, c)
		begin := "GET / HTTP/1.1\r\nHost: x\r\n"
		if i%2 == 0 {
			begin = "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
		}
		if _, err := io.WriteString(c, begin); err != nil {
			return fmt.Errorf("sending half a request: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}
