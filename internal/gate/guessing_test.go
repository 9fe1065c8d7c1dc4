package gate

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/internal/throttle"
	"mlflow-server/internal/users"
)

// TestWhoComesDuringAnAttackIsLetIn: two hundred addresses guess names that nobody has, as fast as they are answered and
// faster than passwords can be checked. Whoever has done nothing, or mistyped once, has not been here before and knows
// the password, comes in all the same, at the first try.
func TestWhoComesDuringAnAttackIsLetIn(t *testing.T) {
	const guessers, people = 200, 4
	hash, err := bcrypt.GenerateFromPassword([]byte(annsPassword), 10)
	if err != nil {
		t.Fatal(err)
	}
	var credentials []users.Credential
	for i := range people {
		credentials = append(credentials, users.Credential{Name: fmt.Sprint("person ", i), Password: string(hash)})
	}
	d, err := users.NewDirectory(users.Accounts{Credentials: credentials}, nil)
	if err != nil {
		t.Fatal(err)
	}
	guard := throttle.NewAt(func() time.Duration { return time.Hour })
	var busy atomic.Int64
	r := start(t, func(o *Options) {
		o.Users, o.Proxies, o.guard = d, Proxies{Hops: 1}, guard
		o.LoginRefused = func(reason string) {
			if reason == RefusedBusy {
				busy.Add(1)
			}
		}
	})
	address := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(i % 250)}) }
	for i := range guessers { // they have been at it for a moment: nobody is told from others by a first guess
		for n := range 3 {
			guard.Failed(address(i), fmt.Sprint("name ", n))
		}
	}

	attack, stop := context.WithCancel(t.Context())
	var turnedAway, lookedAt atomic.Int64
	var group sync.WaitGroup
	for i := range guessers {
		for half := range 2 {
			group.Go(func() {
				for n := 0; attack.Err() == nil; n++ {
					switch r.guess(attack, address(i), fmt.Sprintf("name %d.%d.%d", i, half, n)) {
					case http.StatusUnauthorized:
						lookedAt.Add(1)
						continue
					case http.StatusServiceUnavailable:
						turnedAway.Add(1)
					}
					// There is no place before a guess has been looked at: to ask all the time would only take from a slow
					// machine what it needs to look at them.
					select {
					case <-attack.Done():
					case <-time.After(2 * time.Second):
					}
				}
			})
		}
	}
	defer group.Wait()
	defer stop()
	for deadline := time.Now().Add(time.Minute); turnedAway.Load() < 100; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the attack is none: nobody has been turned away")
		}
	}
	if busy.Load() < 100 {
		t.Errorf("%d are counted as turned away", busy.Load())
	}
	for i := range people {
		name, from := fmt.Sprint("person ", i), fmt.Sprintf("X-Forwarded-For: 192.0.2.%d", i+1)
		if i%2 == 1 {
			if resp := r.send(t, "GET", "/version", basic(name, "mistyped"), from); resp.StatusCode != 401 {
				t.Errorf("%s mistyped: %d", name, resp.StatusCode)
			}
		}
		before, began := lookedAt.Load(), time.Now()
		if resp := r.send(t, "GET", "/version", basic(name, annsPassword), from); resp.StatusCode != 200 {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		guesses := lookedAt.Load() - before
		t.Logf("%s came in after %v and %d guesses that were looked at", name, time.Since(began), guesses)
		if guesses > 40 {
			t.Errorf("%s had to wait for %d guesses", name, guesses)
		}
	}
}

// guess tries a password that is wrong; 0 is no answer.
func (r rig) guess(ctx context.Context, from netip.Addr, name string) (status int) {
	req, err := http.NewRequestWithContext(ctx, "GET", r.URL+"/version", nil)
	if err != nil {
		return 0
	}
	req.SetBasicAuth(name, "guess")
	req.Header.Set("X-Forwarded-For", from.String())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

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

func TestRefusedLoginsAreCountedByTheirReason(t *testing.T) {
	var mu sync.Mutex
	counted := map[string]int{}
	r := start(t, func(o *Options) {
		o.guard = throttle.NewAt(func() time.Duration { return time.Hour })
		o.LoginRefused = func(reason string) {
			mu.Lock()
			defer mu.Unlock()
			counted[reason]++
		}
	})
	r.send(t, "GET", "/version")                                      // nobody has tried
	r.send(t, "GET", "/", asBrowser)                                  // nor here
	r.send(t, "GET", "/version", signedIn)                            // right
	r.send(t, "GET", "/version", basic("ann", "x"))                   // wrong, as are the next three
	r.send(t, "GET", "/version", "Authorization: Bearer mlf_unknown") //
	r.send(t, "GET", "/version", "Authorization: rubbish")            //
	r.signInForm(t, "ann", "x", "/")                                  // though the answer is 403
	if len(counted) != 1 || counted[RefusedWrong] != 4 {
		t.Errorf("%v", counted)
	}
	for range 20 { // ten in all are looked at
		r.signInForm(t, "ann", "x", "/")
		r.send(t, "GET", "/version", basic("ann", "x"))
	}
	if len(counted) != 2 || counted[RefusedWrong] != 2+10 || counted[RefusedThrottled] != 2+40-10 {
		t.Errorf("%v", counted)
	}
}
