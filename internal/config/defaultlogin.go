package config

import (
	"slices"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/internal/users"
)

const allowDefaultVariable = "MLFLOW_ALLOW_DEFAULT_LOGIN"

// reachable says whether others than this machine can reach the host; one that is wrong has been rejected as such.
func reachable(host string) bool { return host != "" && !isLoopback(host) }

func (r *reader) rejectDefault(variable, host, fix string) {
	r.reject(variable, "the default password is refused on %s, which others can reach; %s, "+
		"or MLFLOW_HOST=127.0.0.1, or %s=true", host, fix, allowDefaultVariable)
}

// mostRounds bounds what a start spends on finding hashes of the default password, in rounds of bcrypt: those of eight
// hashes of cost 10, about half a second.
const mostRounds = 8 << 10

// hashesTheDefault reports whether a password is a bcrypt hash of the default one, as far as that can be found out in
// little time: of many users the first are looked at, the one with the default name before all others.
func (r *reader) hashesTheDefault(found []User) bool {
	known := []byte(r.profile.defaultOf(passwordVariable))
	first := slices.IndexFunc(found, func(u User) bool { return u.Name == r.profile.defaultOf(usernameVariable) })
	if first > 0 {
		found = slices.Concat(found[first:first+1], found[:first], found[first+1:])
	}
	spent, seen := 0, map[Secret]bool{}
	for _, u := range found {
		hash := u.Password.Reveal()
		if !users.IsHash(hash) || users.CheckCost(hash) != nil || seen[u.Password] {
			continue
		}
		seen[u.Password] = true
		cost, _ := bcrypt.Cost([]byte(hash))
		if spent += 1 << cost; spent > mostRounds {
			return false
		}
		if bcrypt.CompareHashAndPassword([]byte(hash), known) == nil {
			return true
		}
	}
	return false
}

// DefaultUser is the first who comes in with the well-known default password as it stands in the configuration.
func (c *Config) DefaultUser() (name string, ok bool) {
	for _, u := range c.Users {
		if u.Password.Reveal() == Serve.defaultOf(passwordVariable) {
			return u.Name, true
		}
	}
	return "", false
}
