package gate

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/internal/throttle"
	"mlflow-server/internal/users"
)

func TestTenThousandGuessesAreBoundedAndLockNobodyOut(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte(annsPassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	d, err := users.NewDirectory(users.Accounts{Credentials: []users.Credential{{Name: "ann", Password: string(hash)}, {Name: "bob", Password: "b"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, func(o *Options) {
		o.Users, o.Proxies = d, Proxies{Hops: 1}
		o.guard = throttle.NewAt(func() time.Duration { return time.Hour }) // no bucket fills again, however slow the machine
	})
	if resp := r.send(t, "GET", "/version", signedIn, "X-Forwarded-For: 192.0.2.1"); resp.StatusCode != 200 {
		t.Fatalf("%d", resp.StatusCode)
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := memory.HeapAlloc

	const guesses, addresses = 10_000, 500
	var refused, wrong atomic.Int64
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := worker; n < guesses; n += 8 {
				resp := r.send(t, "GET", "/version", basic("ann", fmt.Sprint("guess ", n)), fmt.Sprintf("X-Forwarded-For: 10.0.%d.%d", n%addresses/250, n%250))
				switch resp.StatusCode {
				case http.StatusTooManyRequests:
					refused.Add(1)
					if resp.Header.Get("Retry-After") == "" {
						t.Error("429 without Retry-After")
					}
				case http.StatusUnauthorized:
					wrong.Add(1)
				case http.StatusServiceUnavailable: // too many at a time
				default:
					t.Errorf("%d", resp.StatusCode)
				}
			}
		})
	}
	group.Wait()
	t.Logf("of %d guesses %d were looked at and %d refused unseen", guesses, wrong.Load(), refused.Load())
	// 100 until the user's bucket is empty, then 2 for each address, and a few that were under way together.
	if n, most := wrong.Load(), int64(100+2*addresses+200); n > most || refused.Load() == 0 {
		t.Errorf("%d guesses were looked at, want at most %d", n, most)
	}
	for _, from := range []string{"192.0.2.1", "192.0.2.77"} { // where ann has been before, and somewhere new
		if resp := r.send(t, "GET", "/version", signedIn, "X-Forwarded-For: "+from); resp.StatusCode != 200 {
			t.Errorf("ann at %s: %d", from, resp.StatusCode)
		}
	}
	if resp := r.send(t, "GET", "/version", basic("bob", "b"), "X-Forwarded-For: 10.0.0.1"); resp.StatusCode != 200 {
		t.Errorf("bob behind a guesser's address: %d", resp.StatusCode)
	}
	r.CloseClientConnections()
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if grown := int64(memory.HeapAlloc) - int64(before); grown > 16<<20 {
		t.Errorf("%d KB more after the guesses", grown>>10)
	}
}
