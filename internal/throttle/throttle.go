// Package throttle bounds how fast passwords can be guessed, without giving anybody the means to lock somebody else
// out.
//
// Three kinds of failures are counted, each in a bucket that fills again with time: those of an address for one user,
// those of an address for all users, and those for one user from everywhere. The third never refuses by itself: a
// correct password from an address that has done nothing wrong is always let in. It only leaves strangers fewer tries
// for a user who is under attack. An address from which a user came in before is not held back by what its neighbours
// behind the same router do for other names.
//
// Where more passwords come than can be checked, the Guard says in whose favour: first those who have been in before from
// where they are, then whoever has the least against it. What is remembered for that refuses nobody.
//
// Counters are kept in this process only; a second instance has its own.
package throttle

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// The limits, in failed attempts. A bucket may go below zero by attempts that were on their way together: that debt is
// paid back in time, so that in the long run the rate holds.
var (
	perPair    = limit{burst: 10, every: 10 * time.Second} // one address, one user
	perAddress = limit{burst: 50, every: 2 * time.Second}  // one address, whatever users
	perUser    = limit{burst: 100, every: time.Second}     // one user, whatever addresses
	underFire  = limit{burst: 2, every: 10 * time.Second}  // an unknown address, for a user whose bucket is empty
	known      = limit{burst: 1, every: time.Hour}         // a pair that came in
	doubted    = limit{burst: 6, every: 5 * time.Minute}   // what there is against an address; at most ten times six
)

// maxEntries bounds each generation of each table: about 6 MB in all.
const maxEntries = 1 << 14

// Guard counts failed logins. It is safe for concurrent use.
type Guard struct {
	seed maphash.Seed
	now  func() time.Duration // since some moment in the past

	mu       sync.Mutex
	pairs    table
	address  table
	users    table
	familiar table // pairs that came in
	doubts   table // addresses that guessed
}

// New makes a Guard.
func New() *Guard {
	start := time.Now()
	return NewAt(func() time.Duration { return time.Since(start) })
}

// NewAt makes a Guard that takes the time from now, which says how long ago some fixed moment was.
func NewAt(now func() time.Duration) *Guard { return &Guard{seed: maphash.MakeSeed(), now: now} }

// Wait is how long the address has to wait before it may try a password for the user; 0 is now.
func (g *Guard) Wait(address netip.Addr, user string) time.Duration {
	now := g.now()
	pair, from, to := g.keys(address, user)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pairs.empty() && g.address.empty() && g.users.empty() {
		return 0
	}
	familiar := g.familiar.has(pair)
	wait := g.pairs.wait(pair, perPair, now)
	if !familiar {
		wait = max(wait, g.address.wait(from, perAddress, now))
		if g.users.wait(to, perUser, now) > 0 {
			wait = max(wait, g.pairs.wait(pair, underFire, now))
		}
	}
	return wait
}

// Failed notes a wrong password.
func (g *Guard) Failed(address netip.Addr, user string) {
	now := g.now()
	pair, from, to := g.keys(address, user)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pairs.spend(pair, perPair, now)
	g.address.spend(from, perAddress, now)
	g.users.spend(to, perUser, now)
	g.doubts.spend(from, doubted, now)
}

// TurnedAway notes an attempt that nobody had time to check. It refuses nobody either; but of all who come again and again,
// those who come most often shall stand behind the others.
func (g *Guard) TurnedAway(address netip.Addr) {
	now := g.now()
	_, from, _ := g.keys(address, "")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.doubts.spend(from, doubted, now)
}

// preferred is the standing of a pair that came in: before all others, whatever else comes from there.
const preferred = -1 << 10

// Standing is what there is against an address that tries a password of the user: what it did wrong in the last hours, one
// less every five minutes. Attempts with the same origin have that in common; a user where it has been before is an
// origin of its own.
func (g *Guard) Standing(address netip.Addr, user string) (origin uint64, doubt int) {
	now := g.now()
	pair, from, _ := g.keys(address, user)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.familiar.has(pair) {
		return pair, preferred
	}
	return from, g.doubts.spent(from, doubted, now)
}

// Succeeded notes a right password.
func (g *Guard) Succeeded(address netip.Addr, user string) {
	pair, _, _ := g.keys(address, user)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.familiar.has(pair) {
		g.familiar.spend(pair, known, g.now())
	}
}

// keys hash what is counted: a table of hashes cannot be made to hold long names, and a secret seed keeps anybody from
// choosing names that collide.
func (g *Guard) keys(address netip.Addr, user string) (pair, from, to uint64) {
	address = network(address)
	from = maphash.Comparable(g.seed, address)
	to = maphash.String(g.seed, user)
	return from ^ (to*0x9E3779B97F4A7C15 + 1), from, to
}

// network is what one customer of a provider has: an IPv4 address, or the 64 bits in which an IPv6 host can choose
// addresses freely.
func network(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return address
}
