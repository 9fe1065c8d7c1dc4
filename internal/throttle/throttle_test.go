package throttle

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// clock is a Guard with a hand on its time.
type clock struct {
	*Guard
	at time.Duration
}

func newClock() *clock {
	c := &clock{}
	c.Guard = NewAt(func() time.Duration { return c.at })
	return c
}

func address(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// guess tries wrong passwords until it is told to wait, and returns how many it could try.
func (c *clock) guess(a netip.Addr, user string, most int) int {
	for n := range most {
		if c.Wait(a, user) > 0 {
			return n
		}
		c.Failed(a, user)
	}
	return most
}

func TestOneAddressHasFewTriesForOneUser(t *testing.T) {
	c := newClock()
	if n := c.guess(address(1), "ann", 100); n != perPair.burst {
		t.Errorf("%d tries, want %d", n, perPair.burst)
	}
	wait := c.Wait(address(1), "ann")
	if wait <= 0 || wait > perPair.every {
		t.Errorf("has to wait for %v", wait)
	}
	c.at += wait
	if n := c.guess(address(1), "ann", 100); n != 1 {
		t.Errorf("%d tries after the wait, want 1", n)
	}
	c.at += time.Hour
	if n := c.guess(address(1), "ann", 100); n != perPair.burst {
		t.Errorf("%d tries an hour later, want %d", n, perPair.burst)
	}
}

func TestOneAddressCannotTryUsersWithoutEnd(t *testing.T) {
	c := newClock()
	tries := 0
	for i := range 1000 {
		tries += c.guess(address(1), fmt.Sprint("user ", i), 1)
	}
	if tries != perAddress.burst {
		t.Errorf("%d tries, want %d", tries, perAddress.burst)
	}
}

func TestAUserUnderAttackFromEverywhereCanSignInFromAnywhereElse(t *testing.T) {
	c := newClock()
	tries := 0
	for i := range 10_000 {
		tries += c.guess(address(i), "ann", 100)
	}
	// The first strangers get the full burst, until the user's own bucket is empty.
	if most := 10_000*underFire.burst + perUser.burst; tries > most {
		t.Errorf("%d guesses, want at most %d", tries, most)
	}
	if wait := c.Wait(address(20_000), "ann"); wait != 0 {
		t.Errorf("ann has to wait for %v at an address that did nothing", wait)
	}
	if wait := c.Wait(address(5), "bob"); wait != 0 {
		t.Errorf("bob has to wait for %v", wait)
	}
}

func TestNeighboursBehindOneRouterDoNotLockAUserOut(t *testing.T) {
	c := newClock()
	c.Succeeded(address(1), "ann")
	for i := range 1000 {
		c.guess(address(1), fmt.Sprint("user ", i), 10)
	}
	if wait := c.Wait(address(1), "ann"); wait != 0 {
		t.Errorf("ann has to wait for %v where she has been in before", wait)
	}
	if wait := c.Wait(address(1), "eve"); wait == 0 {
		t.Error("eve need not wait")
	}
}

func TestWhoGuessesStandsBehindWhoDoesNot(t *testing.T) {
	c := newClock()
	_, clean := c.Standing(address(1), "ann")
	c.Failed(address(2), "ann")
	_, once := c.Standing(address(2), "bob")
	for i := range 1000 {
		c.Failed(address(3), fmt.Sprint(i))
	}
	_, often := c.Standing(address(3), "ann")
	c.TurnedAway(address(4))
	_, away := c.Standing(address(4), "ann")
	if clean != 0 || once != 1 || away != 1 || often < 50 || often > 100 {
		t.Errorf("%d, %d, %d and %d", clean, once, away, often)
	}
	if c.Wait(address(4), "ann") != 0 {
		t.Error("who was turned away has to wait")
	}
	c.Succeeded(address(3), "ann")
	origin, known := c.Standing(address(3), "ann")
	if other, neighbour := c.Standing(address(3), "eve"); known >= clean || neighbour != often || origin == other {
		t.Errorf("ann, who has been there before, has %d; her neighbour %d", known, neighbour)
	}
	c.at += 5 * time.Minute
	if _, doubt := c.Standing(address(2), "bob"); doubt != 0 {
		t.Errorf("%d after five minutes", doubt)
	}
	c.at += 24 * time.Hour
	if _, doubt := c.Standing(address(3), "eve"); doubt != 0 {
		t.Errorf("%d after a day", doubt)
	}
}

func TestADebtIsPaidBack(t *testing.T) {
	c := newClock()
	for range 100_000 { // all on their way before the first was refused
		c.Failed(address(1), "ann")
	}
	wait := c.Wait(address(1), "ann")
	if least := 5 * time.Duration(perPair.burst) * perPair.every; wait < least || wait > 2*least {
		t.Errorf("has to wait for %v after a flood", wait)
	}
}

func TestIPv6CountsByNetwork(t *testing.T) {
	c := newClock()
	for i := range 100 {
		c.Failed(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)), "ann")
	}
	if c.Wait(netip.MustParseAddr("2001:db8::ffff:1"), "ann") == 0 {
		t.Error("another address of the same /64 need not wait")
	}
	if c.Wait(netip.MustParseAddr("2001:db8:0:1::1"), "ann") != 0 {
		t.Error("another /64 has to wait")
	}
	if network(netip.MustParseAddr("::ffff:10.0.0.1")) != address(1) {
		t.Error("a mapped IPv4 address is another one")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := newClock()
	for i := range 2*maxEntries + 10 {
		c.Failed(address(i), fmt.Sprint(i))
		c.Succeeded(address(i), fmt.Sprint(i))
	}
	for _, table := range []table{c.pairs, c.address, c.users, c.familiar, c.doubts} {
		if len(table.young) > maxEntries || len(table.old) > maxEntries {
			t.Errorf("%d and %d entries", len(table.young), len(table.old))
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	g := New()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			for range 100 {
				g.Wait(address(i), "ann")
				g.Failed(address(i), "ann")
				g.Succeeded(address(i), "bob")
			}
		})
	}
	group.Wait()
}

func BenchmarkASuccessfulLogin(b *testing.B) {
	g := New()
	g.Failed(address(1), "eve")
	for b.Loop() {
		if g.Wait(address(2), "ann") != 0 {
			b.Fatal("refused")
		}
		g.Succeeded(address(2), "ann")
	}
}
