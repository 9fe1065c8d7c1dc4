package users

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestEveryAttemptThatIsNotRecognisedCostsTheSame(t *testing.T) {
	s := set(t,
		Credential{"plain", "p"},
		Credential{"cheap", hashed(t, "c", 4)},
		Credential{"dear", hashed(t, "d", 6)},
	)
	const want = 1 << (6 - 4) // in hashes of the lowest cost
	for i, c := range []struct{ name, password string }{
		{"plain", "wrong"}, {"cheap", "wrong"}, {"dear", "wrong"}, {"nobody", "wrong"}, {"", ""}, {"nobody", "p"},
		{"cheap", "c"}, {"dear", "d"}, // the right one costs as much, the first time
		{"cheap", strings.Repeat("x", 100)}, {"nobody", strings.Repeat("x", 100)}, {"plain", strings.Repeat("x", 100)},
	} {
		before := s.hasher.hashes.Load()
		s.Verify(t.Context(), c.name, c.password)
		if got := s.hasher.hashes.Load() - before; got != want {
			t.Errorf("%d: %q costs %d hashes, want %d", i, c.name, got, want)
		}
	}
	before := s.hasher.hashes.Load()
	for range 100 {
		s.Verify(t.Context(), "dear", "d")
		s.Verify(t.Context(), "plain", "p")
	}
	if s.hasher.hashes.Load() != before {
		t.Error("a login that is known is hashed again")
	}
}

func TestOneHashForOneCredentialHoweverManyComeTogether(t *testing.T) {
	s := set(t, Credential{"ann", hashed(t, "a", 8)})
	answers := make(chan Verdict)
	for range 40 {
		go func() { answers <- s.Verify(t.Context(), "ann", "a") }()
	}
	for range 40 {
		if <-answers != Right {
			t.Error("refused")
		}
	}
	// Those who come after the first group has been answered find it remembered; a straggler may hash once more.
	if got := s.hasher.hashes.Load(); got > 2*16 {
		t.Errorf("%d units of work for one credential of 16", got)
	}
}

func TestGuessersCannotQueueUpWithoutEnd(t *testing.T) {
	s := set(t, Credential{"ann", hashed(t, "a", 4)})
	release := occupy(t, s.hasher.line)
	ctx, cancel := context.WithCancel(t.Context())
	const guesses = 500
	answers := make(chan Verdict, guesses)
	for i := range guesses {
		go func() {
			v, _ := s.Check(ctx, Attempt{Name: "ann", Password: fmt.Sprint("guess ", i), From: Origin{Key: uint64(i)}})
			answers <- v
		}()
	}
	for range guesses - maxWaiting {
		if v := <-answers; v != Busy {
			t.Fatalf("%v before anybody's turn", v)
		}
	}
	cancel()
	for range maxWaiting {
		<-answers
	}
	if s.hasher.hashes.Load() != 0 || s.hasher.line.length() != 0 {
		t.Errorf("%d hashed, %d still wait", s.hasher.hashes.Load(), s.hasher.line.length())
	}
	release()
	if s.Verify(t.Context(), "ann", "a") != Right {
		t.Error("the right password is refused afterwards")
	}
}
