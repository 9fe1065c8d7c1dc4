// Package gatetest has what tests of the rooms behind the gate need.
package gatetest

import (
	"context"

	"mlflow-server/internal/users"
)

// Everybody is a gate.Users that lets any name with any password in, as an editor. It has no tokens.
type Everybody struct{}

// Check always says users.Right.
func (Everybody) Check(context.Context, users.Attempt) (users.Verdict, users.Version) {
	return users.Right, users.Version{}
}

// Token knows none.
func (Everybody) Token(string) (name, id string, ok bool) { return "", "", false }

// LooksLikeToken says no to every text.
func (Everybody) LooksLikeToken(string) bool { return false }

// Version is the same for all names.
func (Everybody) Version(string) (v users.Version, ok bool) { return users.Version{}, true }

// Viewer says that nobody is one.
func (Everybody) Viewer(string) bool { return false }
