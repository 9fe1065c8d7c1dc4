package tracking

import (
	"net/http"
	"strings"
)

// turns bounds the calls that MLflow's own command line has at a time. It answers 40, each of which may take a second
// connection to the database while it holds one: as soon as as many calls as there are connections want another one, all of
// them stand still until the pool gives up after 30 s, and the client, which gets a 400, does not try again. Calls wait here
// instead, in the order in which they come. The lean workers have as many threads as their connections allow.
type turns chan struct{}

// newTurns has a turn for each connection of a pool but one. Which worker gets a call is not known here, so this is the bound
// for all of them together. It is nil, no bound, where the lean workers answer or somebody else has chosen the pool.
func newTurns(o Options) turns {
	if !runsPublicCLI(o) {
		return nil
	}
	for _, pair := range o.Environ {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case poolSize, poolExtra, poolClass:
			if value != "" {
				return nil
			}
		}
	}
	return make(turns, poolConnections(o)-1)
}

// take waits for a turn, unless the call does not need one, and returns what gives it back: when the answer begins, since
// MLflow has made all of it then and uses the database no more. Who reads it slowly holds up nobody.
func (t turns) take(r *http.Request) (done func(), err error) {
	if t == nil || !mayUseDatabase(r.URL.Path) {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// mayUseDatabase is said of all calls but those that wait for a model or move a file, for minutes, and hold no connection
// meanwhile.
func mayUseDatabase(path string) bool {
	if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/ajax-api/") && path != "/graphql" {
		return false
	}
	for _, part := range []string{"gateway", "assistant", "artifact"} {
		if strings.Contains(path, part) {
			return false
		}
	}
	return true
}
