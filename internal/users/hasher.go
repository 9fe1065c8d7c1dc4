package users

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"runtime"
	"sync"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/singleflight"
)

const digestSize = sha256.Size

// digest is HMAC-SHA-256 of a password under a key that lives and dies with the process.
type digest [digestSize]byte

// hasher does the expensive part of a login, once per credential and never on all cores at a time.
type hasher struct {
	cost  int // the highest bcrypt cost in the set; 0 when every password is plain text
	macs  sync.Pool
	turns chan struct{}
	calls singleflight.Group
}

func newHasher(key []byte) *hasher {
	h := &hasher{
		// bcrypt is pure computation: one core stays free for the requests of those who are signed in.
		turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
	}
	h.macs.New = func() any { return hmac.New(sha256.New, key) }
	return h
}

func (h *hasher) digest(password string) (d digest) {
	mac := h.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write([]byte(password))
	mac.Sum(d[:0])
	h.macs.Put(mac)
	return d
}

// matches reports whether the password fits the user's bcrypt hash. It always does the work of one hash at h.cost.
// Clients of one training job arrive together: attempts with the same name and password share one hash. The name is
// the one that was sent, so that an unknown one shares no more and no less than a known one.
func (h *hasher) matches(ctx context.Context, name string, u *user, d digest, password string) bool {
	if h.cost == 0 {
		return false
	}
	for {
		ok, err, _ := h.calls.Do(name+"\x00"+string(d[:]), func() (any, error) {
			select {
			case h.turns <- struct{}{}:
				defer func() { <-h.turns }()
			case <-ctx.Done():
				return false, ctx.Err()
			}
			return h.compare(u, []byte(password)), nil
		})
		// An error means that whoever went first gave up waiting; that is no answer for the others.
		if err == nil || ctx.Err() != nil {
			return ok.(bool)
		}
	}
}

func (h *hasher) compare(u *user, password []byte) bool {
	tooLong := len(password) > MaxHashedPassword
	if tooLong {
		// Go compares a longer password by its first 72 bytes, which would let a wrong one in.
		password = password[:MaxHashedPassword]
	}
	if u.hash == nil {
		burn(h.cost, password)
		return false
	}
	err := bcrypt.CompareHashAndPassword(u.hash, password)
	// A hash of cost c does 2^c rounds; those of c, c+1 … n-1 on top of it add up to 2^n, the work of the highest.
	for cost := u.cost; cost < h.cost; cost++ {
		burn(cost, password)
	}
	return err == nil && !tooLong
}

// burn does the work of one bcrypt hash for an answer that is already known.
func burn(cost int, password []byte) {
	_, _ = bcrypt.GenerateFromPassword(password, cost)
}
