package users

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Accounts is everything that is configured about the users.
type Accounts struct {
	Credentials []Credential
	// Viewers are the names of those who may read and not write.
	Viewers []string
	Tokens  []TokenHash
}

// Directory is the users of a running server. The credentials can be replaced at any time; who has been removed is out
// with the next request. It is safe for concurrent use.
type Directory struct {
	set        atomic.Pointer[Set]
	viewers    map[string]bool
	tokens     tokens
	versionKey []byte
}

// NewDirectory makes a Directory. Versions of passwords are made with versionKey: servers that share it agree on them.
func NewDirectory(a Accounts, versionKey []byte) (*Directory, error) {
	d := &Directory{viewers: map[string]bool{}, tokens: tokens{}, versionKey: versionKey}
	for _, name := range a.Viewers {
		d.viewers[name] = true
	}
	for _, t := range a.Tokens {
		if _, twice := d.tokens[t.ID]; twice {
			return nil, fmt.Errorf("token %s is listed twice", t.ID)
		}
		d.tokens[t.ID] = t
	}
	return d, d.Replace(a.Credentials)
}

// Replace takes other credentials in place of all there were; on an error those stay.
func (d *Directory) Replace(credentials []Credential) error {
	set, err := newSet(credentials, d.versionKey, d.set.Load())
	if err != nil {
		return err
	}
	d.set.Store(set)
	return nil
}

// Check reports whether a password is that of the named user, as Set.Check does.
func (d *Directory) Check(ctx context.Context, a Attempt) (Verdict, Version) {
	return d.set.Load().Check(ctx, a)
}

// Verify is Check for an attempt that comes from nowhere in particular.
func (d *Directory) Verify(ctx context.Context, name, password string) Verdict {
	return d.set.Load().Verify(ctx, name, password)
}

// Token is whose token a text is, and the token's public id. It costs one SHA-256.
func (d *Directory) Token(text string) (name, id string, ok bool) {
	t, ok := d.tokens.owner(text)
	if !ok {
		return "", "", false
	}
	if _, exists := d.Version(t.User); !exists {
		return "", "", false // its owner has been removed
	}
	return t.User, t.ID, true
}

// LooksLikeToken reports whether a text has a token's form, known or not.
func (d *Directory) LooksLikeToken(text string) bool {
	_, ok := tokenID(text)
	return ok
}

// Version is the version of a user's password; ok is false when there is no such user.
func (d *Directory) Version(name string) (Version, bool) { return d.set.Load().Version(name) }

// Viewer reports whether the user may only read.
func (d *Directory) Viewer(name string) bool { return d.viewers[name] }

// Len is the number of users.
func (d *Directory) Len() int { return len(d.set.Load().byName) }
