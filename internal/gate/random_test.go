package gate

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// rounds of random inputs for each property; "go test ./internal/gate -run Random -rounds 2000000" for the figures.
var randomRounds = flag.Int("rounds", 5000, "random inputs for each property")

// pieces are what hostile inputs are made of.
var pieces = []string{"/", "//", "..", ".", "%2e", "%2E", "%2f", "%2F", "%5c", "\\", "%00", "\x00", "%25", "%252e", ";", "?", "#", "%", "%zz", "%c0%ae", "ü", "%C3%BC", "a", "health", "/-/login",
	"api/2.0/mlflow", "mlflow-artifacts", "Basic ", "Bearer ", "YW5uOnA=", ":", ",", " ", "\t", "\r\n", "=", "AQ", "1.2.3.4", "[::1]:80", "203.0.113.9", "https", "http://", "@", "{", "}", `"user_id"`,
	`"userId"`, `"tags"`, `"mlflow.user"`, `"key"`, `"value"`, "[", "]", "null", "1"}

func randomInput(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		if r.IntN(4) == 0 {
			b.WriteByte(byte(r.IntN(256)))
			continue
		}
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// TestRandomInputsKeepThePromises is the fuzz targets' properties on inputs that are made blindly, which is a hundred times
// as fast.
func TestRandomInputsKeepThePromises(t *testing.T) {
	sessions := newSessions([]byte(strings.Repeat("k", 32)), time.Hour, directory(t))
	signed := signedFor(t, sessions, "ann")
	r := rand.New(rand.NewPCG(1, uint64(*randomRounds)))
	accepted := map[string]int{}
	for name, property := range map[string]func(string) bool{
		"paths":         func(s string) bool { return checkCanonical(t, "/"+s) },
		"credentials":   func(s string) bool { return checkCredentials(t, s) },
		"addresses":     func(s string) bool { return checkAddress(t, s, s) },
		"targets":       func(s string) bool { return checkTarget(t, "/"+s) },
		"authors":       func(s string) bool { return checkAuthor(t, []byte("{"+s+"}")) },
		"cookies":       func(s string) bool { return checkCookie(t, sessions, signed, damage(r, signed)+s) },
		"authorization": func(s string) bool { return checkCredentials(t, "Basic "+s) },
	} {
		for range *randomRounds {
			if property(randomInput(r)) {
				accepted[name]++
			}
		}
	}
	t.Logf("%d inputs for each of 7; accepted: %v", *randomRounds, accepted)
}

// damage changes one byte.
func damage(r *rand.Rand, s string) string {
	b := []byte(s)
	b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
	return string(b)
}
