package users

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"hash"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/singleflight"
)

const digestSize = sha256.Size

// digest is HMAC-SHA-256 of a password under a key that lives and dies with the process.
type digest [digestSize]byte

// hasher does the expensive part of a login, once per credential and never on all cores at a time.
type hasher struct {
	cost int // the highest bcrypt cost in the set; 0 when every password is plain text
	macs *sync.Pool
	*queue
}

// queue is shared by the sets that follow each other.
type queue struct {
	line   *line
	calls  singleflight.Group
	hashes atomic.Int64 // work done, in hashes of cost 4, the cheapest; for tests and figures
}

// scratch is what one digest needs: an HMAC and a buffer, so that nothing is allocated.
type scratch struct {
	mac hash.Hash
	buf []byte
}

func newHasher(key []byte) *hasher {
	return &hasher{
		macs: &sync.Pool{New: func() any { return &scratch{mac: hmac.New(sha256.New, key), buf: make([]byte, 0, 128)} }},
		// bcrypt is pure computation: one core stays free for the requests of those who are signed in.
		queue: &queue{line: newLine(max(1, runtime.GOMAXPROCS(0)-1))},
	}
}

// again is a hasher for the next set: same key, same queue.
func (h *hasher) again() *hasher { return &hasher{macs: h.macs, queue: h.queue} }

func (h *hasher) digest(password string) (d digest) {
	s := h.macs.Get().(*scratch)
	s.mac.Reset()
	s.buf = append(s.buf[:0], password...)
	_, _ = s.mac.Write(s.buf)
	s.buf = s.mac.Sum(s.buf[:0]) // overwrites the beginning of the password,
	copy(d[:], s.buf)
	clear(s.buf[:cap(s.buf)]) // and this the rest
	h.macs.Put(s)
	return d
}

// matches reports whether the password fits the user's bcrypt hash. It always does the work of one hash at h.cost.
// Clients of one training job arrive together: attempts with the same name and password share one hash. The name is
// the one that was sent, so that an unknown one shares no more and no less than a known one; the version keeps those
// apart who ask for another password of the same name, because it was changed while the first were waiting.
func (h *hasher) matches(ctx context.Context, u *user, d digest, a Attempt) Verdict {
	if h.cost == 0 {
		return Wrong
	}
	for {
		ok, err, _ := h.calls.Do(string(u.version[:])+string(d[:])+a.Name, func() (any, error) {
			leave, err := h.line.enter(ctx, a.From)
			if err != nil {
				return false, err
			}
			defer leave()
			return h.compare(u, []byte(a.Password)), nil
		})
		switch {
		case err == nil:
			return verdict(ok.(bool))
		case ctx.Err() != nil || errors.Is(err, errBusy):
			return Busy
		}
		// Whoever went first gave up waiting; that is no answer for the others.
	}
}

func (h *hasher) compare(u *user, password []byte) bool {
	tooLong := len(password) > MaxHashedPassword
	if tooLong {
		// Go compares a longer password by its first 72 bytes, which would let a wrong one in.
		password = password[:MaxHashedPassword]
	}
	if u.hash == nil {
		h.burn(h.cost, password)
		return false
	}
	h.count(u.cost)
	err := bcrypt.CompareHashAndPassword(u.hash, password)
	// A hash of cost c does 2^c rounds; those of c, c+1 … n-1 on top of it add up to 2^n, the work of the highest.
	for cost := u.cost; cost < h.cost; cost++ {
		h.burn(cost, password)
	}
	return err == nil && !tooLong
}

// burn does the work of one bcrypt hash for an answer that is already known.
func (h *hasher) burn(cost int, password []byte) {
	h.count(cost)
	_, _ = bcrypt.GenerateFromPassword(password, cost)
}

func (h *hasher) count(cost int) { h.hashes.Add(1 << (cost - bcrypt.MinCost)) }
