// Package users decides who may come in: it holds the users' passwords in a form that cannot be read back and
// checks a login against them.
//
// MLflow's clients send their credentials with every call, so a login is checked far more often than it changes.
// A password that was verified once is recognised by a keyed digest in well under a microsecond; only the first
// use of a bcrypt password, and every wrong one, pays for a hash.
package users

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

// ErrNobody is returned by New for an empty list: a server that nobody can use is a mistake.
var ErrNobody = errors.New("no users")

// Credential is one user as configured: a name and a password, which is either plain text or a bcrypt hash.
type Credential struct {
	Name     string
	Password string
}

// Set is the users of one server. It is safe for concurrent use. It keeps no plain-text password.
type Set struct {
	byName map[string]*user
	nobody *user // stands in for a name that is not there, so that the answer takes as long
	hasher *hasher
}

type user struct {
	// hash is the bcrypt hash; nil for a user whose password was given as plain text.
	hash []byte
	cost int
	// verified is the digest of a password known to be right. There is at most one for a user,
	// which is what bounds the memory: a wrong password leaves nothing behind.
	verified atomic.Pointer[digest]
}

// New makes a Set. A password that IsHash recognises is taken as a bcrypt hash, any other as plain text.
func New(credentials []Credential) (*Set, error) {
	if len(credentials) == 0 {
		return nil, ErrNobody
	}
	s := &Set{byName: make(map[string]*user, len(credentials)), nobody: &user{}}
	key := make([]byte, digestSize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making a key for the users' digests: %w", err)
	}
	s.hasher = newHasher(key)
	for _, c := range credentials {
		if _, twice := s.byName[c.Name]; twice {
			return nil, fmt.Errorf("user %q is listed twice", c.Name)
		}
		u := &user{}
		if IsHash(c.Password) {
			cost, err := bcrypt.Cost([]byte(c.Password))
			if err != nil {
				return nil, fmt.Errorf("the password hash of user %q: %w", c.Name, err)
			}
			u.hash, u.cost = []byte(c.Password), cost
			s.hasher.cost = max(s.hasher.cost, cost)
		} else {
			d := s.hasher.digest(c.Password)
			u.verified.Store(&d)
		}
		s.byName[c.Name] = u
	}
	return s, nil
}

// Verify reports whether password is the password of the named user.
//
// Whatever the answer, an attempt that is not recognised costs the same bcrypt work, that of the most expensive
// hash in the set: neither a name's existence nor the kind of its password can be told from the time it takes.
// It returns false when ctx ends while the attempt waits for its turn to hash.
func (s *Set) Verify(ctx context.Context, name, password string) bool {
	u, known := s.byName[name]
	if !known {
		u = s.nobody
	}
	d := s.hasher.digest(password)
	if v := u.verified.Load(); v != nil && hmac.Equal(v[:], d[:]) {
		return known
	}
	if !s.hasher.matches(ctx, name, u, d, password) {
		return false
	}
	u.verified.Store(&d)
	return known
}
