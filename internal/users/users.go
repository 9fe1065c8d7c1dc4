// Package users decides who may come in: it holds the users' passwords and tokens in a form that cannot be read back
// and checks a login against them.
//
// MLflow's clients send their credentials with every call, so a login is checked far more often than it changes.
// A password that was verified once is recognised by a keyed digest in well under a microsecond; only the first
// use of a bcrypt password, and every wrong one, pays for a hash.
package users

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

// ErrNobody is returned by New for an empty list: a server that nobody can use is a mistake.
var ErrNobody = errors.New("no users")

// Verdict is the answer to a login.
type Verdict int

const (
	// Wrong is a name or a password that is not right.
	Wrong Verdict = iota
	// Right is the password of a known user.
	Right
	// Busy means that too many attempts wait to be checked, or that the caller gave up: nothing was found out.
	Busy
)

// Credential is one user as configured: a name and a password, which is either plain text or a bcrypt hash.
type Credential struct {
	Name     string
	Password string
}

// Attempt is a name and a password that somebody says belong together.
type Attempt struct {
	Name, Password string
	From           Origin
}

// Origin is where an attempt comes from. It says who goes first when there is more to check than can be at a time.
type Origin struct {
	// Key is the same for all attempts of one origin; few of them are under way at a time.
	Key uint64
	// Doubt is how much there is against them.
	Doubt int
}

// Version stands for one user's password: it changes whenever that does. It tells nothing about the password to those
// who do not have the key it was made with.
type Version [16]byte

// Set is the users of one server at one time. It is safe for concurrent use. It keeps no plain-text password.
type Set struct {
	byName map[string]*user
	nobody *user // stands in for a name that is not there, so that the answer takes as long
	hasher *hasher
}

type user struct {
	// hash is the bcrypt hash; nil for a user whose password was given as plain text.
	hash    []byte
	cost    int
	version Version
	// verified is the digest of a password known to be right. There is at most one for a user,
	// which is what bounds the memory: a wrong password leaves nothing behind.
	verified atomic.Pointer[digest]
}

// New makes a Set. A password that IsHash recognises is taken as a bcrypt hash, any other as plain text.
func New(credentials []Credential) (*Set, error) {
	return newSet(credentials, nil, nil)
}

// newSet makes a Set whose versions depend on versionKey. What an earlier Set has verified of users that are the same
// need not be hashed again.
func newSet(credentials []Credential, versionKey []byte, earlier *Set) (*Set, error) {
	if len(credentials) == 0 {
		return nil, ErrNobody
	}
	s := &Set{byName: make(map[string]*user, len(credentials)), nobody: &user{}}
	if earlier != nil {
		s.hasher = earlier.hasher.again()
	} else {
		key := make([]byte, digestSize)
		_, _ = rand.Read(key) // never fails
		s.hasher = newHasher(key)
	}
	for _, c := range credentials {
		if _, twice := s.byName[c.Name]; twice {
			return nil, fmt.Errorf("user %q is listed twice", c.Name)
		}
		u := &user{version: versionOf(versionKey, c)}
		if IsHash(c.Password) {
			if err := CheckCost(c.Password); err != nil {
				return nil, fmt.Errorf("the password hash of user %q: %w", c.Name, err)
			}
			cost, _ := bcrypt.Cost([]byte(c.Password))
			u.hash, u.cost = []byte(c.Password), cost
			s.hasher.cost = max(s.hasher.cost, cost)
			if earlier != nil {
				if before := earlier.byName[c.Name]; before != nil && string(before.hash) == c.Password {
					u.verified.Store(before.verified.Load())
				}
			}
		} else {
			d := s.hasher.digest(c.Password)
			u.verified.Store(&d)
		}
		s.byName[c.Name] = u
	}
	return s, nil
}

func versionOf(key []byte, c Credential) (v Version) {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(c.Name + "\x00" + c.Password))
	copy(v[:], mac.Sum(nil))
	return v
}

// Check reports whether the password is that of the named user, and then which version of it was right: by the time of
// the answer the user may have another.
//
// Whatever the answer, an attempt that is not recognised costs the same bcrypt work, that of the most expensive
// hash in the set: neither a name's existence nor the kind of its password can be told from the time it takes.
// It returns Busy when ctx ends while the attempt waits for its turn to hash, or when too many wait already that have
// less against them.
func (s *Set) Check(ctx context.Context, a Attempt) (Verdict, Version) {
	u, known := s.byName[a.Name]
	if !known {
		u = s.nobody
	}
	d := s.hasher.digest(a.Password)
	if v := u.verified.Load(); known && v != nil && hmac.Equal(v[:], d[:]) {
		return Right, u.version
	}
	v := s.hasher.matches(ctx, u, d, a)
	switch {
	case v != Right:
		return v, Version{}
	case !known:
		return Wrong, Version{}
	}
	remembered := d // d itself stays on the stack: a login that is recognised allocates nothing
	u.verified.Store(&remembered)
	return Right, u.version
}

// Verify is Check for an attempt that comes from nowhere in particular.
func (s *Set) Verify(ctx context.Context, name, password string) Verdict {
	v, _ := s.Check(ctx, Attempt{Name: name, Password: password})
	return v
}

func verdict(right bool) Verdict {
	if right {
		return Right
	}
	return Wrong
}

// has reports whether a set is made of these credentials.
func (s *Set) has(credentials []Credential, versionKey []byte) bool {
	if len(credentials) != len(s.byName) {
		return false
	}
	for _, c := range credentials {
		if version, ok := s.Version(c.Name); !ok || version != versionOf(versionKey, c) {
			return false
		}
	}
	return true
}

// Version is the version of a user's password; ok is false when there is no such user.
func (s *Set) Version(name string) (v Version, ok bool) {
	u, ok := s.byName[name]
	if !ok {
		return Version{}, false
	}
	return u.version, true
}
