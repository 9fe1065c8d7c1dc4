package users

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func set(t *testing.T, credentials ...Credential) *Set {
	t.Helper()
	s, err := New(credentials)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hashed makes a cheap hash: the tests are about what is compared, not about how long it takes.
func hashed(t *testing.T, password string, cost int) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func TestOnlyTheRightPasswordOfTheRightUserComesIn(t *testing.T) {
	s := set(t,
		Credential{"ann", "plain pässword, with: everything #%"},
		Credential{"bob", hashed(t, "bob's", 4)},
		Credential{"cem", hashed(t, "cem's", 5)},
		Credential{"ünï", "x"},
	)
	for _, c := range []struct {
		why, name, password string
		want                bool
	}{
		{"plain password", "ann", "plain pässword, with: everything #%", true},
		{"bcrypt password of the lower cost", "bob", "bob's", true},
		{"bcrypt password of the higher cost", "cem", "cem's", true},
		{"a name outside ASCII", "ünï", "x", true},
		{"wrong password", "ann", "plain", false},
		{"wrong password for a hash", "bob", "bob", false},
		{"somebody else's password", "ann", "bob's", false},
		{"unknown user", "eve", "bob's", false},
		{"unknown user without a password", "eve", "", false},
		{"empty password", "ann", "", false},
		{"empty name", "", "x", false},
		{"other case", "Ann", "plain pässword, with: everything #%", false},
		{"the hash itself is not the password", "bob", string(s.byName["bob"].hash), false},
	} {
		t.Run(c.why, func(t *testing.T) {
			for range 2 { // the second time is answered from memory
				if got := s.Verify(t.Context(), c.name, c.password); got != verdict(c.want) {
					t.Errorf("Verify(%q, …) = %v, want %v", c.name, got, c.want)
				}
			}
		})
	}
}

func TestAPasswordLongerThanBcryptSeesIsRefused(t *testing.T) {
	long := strings.Repeat("a", MaxHashedPassword)
	s := set(t, Credential{"ann", hashed(t, long, 4)}, Credential{"bob", strings.Repeat("b", 200)})
	if s.Verify(t.Context(), "ann", long) != Right {
		t.Error("72 bytes are refused")
	}
	if s.Verify(t.Context(), "ann", long+"b") != Wrong {
		t.Error("73 bytes came in on the first 72")
	}
	if s.Verify(t.Context(), "bob", strings.Repeat("b", 200)) != Right || s.Verify(t.Context(), "bob", strings.Repeat("b", 199)) != Wrong {
		t.Error("a plain password of 200 bytes is not compared whole")
	}
}

func TestNobodyComesInByAnUnknownNameTwice(t *testing.T) {
	// The stand-in for unknown names must never learn a password.
	s := set(t, Credential{"ann", hashed(t, "secret", 4)})
	for range 3 {
		if s.Verify(t.Context(), "eve", "secret") != Wrong {
			t.Fatal("an unknown user came in")
		}
	}
	if s.nobody.verified.Load() != nil {
		t.Error("the stand-in remembers a password")
	}
}

func TestManyAtOnce(t *testing.T) {
	s := set(t, Credential{"ann", hashed(t, "a", 4)}, Credential{"bob", "b"})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if s.Verify(t.Context(), "ann", "a") != Right || s.Verify(t.Context(), "bob", "b") != Right || s.Verify(t.Context(), "ann", "b") != Wrong {
				t.Error("a wrong answer under concurrency")
			}
		})
	}
	group.Wait()
}

func TestAnAttemptThatGivesUpWaitingIsRefused(t *testing.T) {
	s := set(t, Credential{"ann", hashed(t, "a", 4)})
	defer occupy(t, s.hasher.line)()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.Verify(ctx, "ann", "a") != Busy {
		t.Error("was answered without a hash")
	}
}

func TestNewRefusesWhatCannotBeMeant(t *testing.T) {
	if _, err := New(nil); !errors.Is(err, ErrNobody) {
		t.Errorf("no users: %v", err)
	}
	if _, err := New([]Credential{{"ann", "a"}, {"ann", "b"}}); err == nil || strings.Contains(err.Error(), "b\"") {
		t.Errorf("duplicate: %v", err)
	}
	for cost, taken := range map[string]bool{"$16$": true, "$17$": false, "$31$": false} { // one that costs a core for hours would do so for every guess
		h := hashed(t, "a", 4)
		if _, err := New([]Credential{{"ann", h[:3] + cost + h[7:]}}); (err == nil) != taken {
			t.Errorf("cost %s: %v", cost, err)
		}
	}
}

func TestHashPassword(t *testing.T) {
	h, err := HashPassword("secret", MinCost)
	if err != nil || !IsHash(h) {
		t.Fatalf("%q, %v", h, err)
	}
	if set(t, Credential{"ann", h}).Verify(t.Context(), "ann", "secret") != Right {
		t.Error("its own hash does not verify")
	}
	for _, c := range []struct {
		password string
		cost     int
	}{{"", MinCost}, {strings.Repeat("x", 73), MinCost}, {"x", MinCost - 1}, {"x", MaxCost + 1}} {
		if _, err := HashPassword(c.password, c.cost); err == nil {
			t.Errorf("%d bytes at cost %d are accepted", len(c.password), c.cost)
		}
	}
	for _, s := range []string{"", "$2b$", h[:59], h + "x", "$1$abc", strings.Replace(h, "$2a$", "$2x$", 1), "$2a$03" + h[6:]} {
		if IsHash(s) {
			t.Errorf("IsHash(%q)", s)
		}
	}
}

func BenchmarkACachedLogin(b *testing.B) {
	h, _ := bcrypt.GenerateFromPassword([]byte("secret"), 4)
	s, err := New([]Credential{{"ann", string(h)}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if s.Verify(b.Context(), "ann", "secret") != Right {
			b.Fatal("refused")
		}
	}
}
