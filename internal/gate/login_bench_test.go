package gate

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/internal/users"
)

// A login that is known: everything from the Authorization header, or the cookie, to the decision.
func BenchmarkAKnownLogin(b *testing.B) {
	h, err := bcrypt.GenerateFromPassword([]byte(annsPassword), bcrypt.MinCost)
	if err != nil {
		b.Fatal(err)
	}
	token, line := users.NewToken()
	parsed, err := users.ParseTokenHash("ann", line)
	if err != nil {
		b.Fatal(err)
	}
	d, err := users.NewDirectory(users.Accounts{Credentials: []users.Credential{{Name: "ann", Password: string(h)}}, Tokens: []users.TokenHash{parsed}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	g := newGate(Options{Users: d, SessionKey: make([]byte, 32), SessionTime: time.Hour, Log: slog.New(slog.DiscardHandler)})
	cookie := signedFor(b, g.sessions, "ann")
	login := g.requireLogin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, header := range map[string][2]string{
		"bcrypt password": {"Authorization", basic("ann", annsPassword)[len("Authorization: "):]},
		"token":           {"Authorization", "Bearer " + token},
		"session":         {"Cookie", plainCookie + "=" + cookie},
	} {
		b.Run(name, func(b *testing.B) {
			r := withRequest(httptest.NewRequest("GET", "/version", nil), &request{scheme: "http"})
			r.Header.Set(header[0], header[1])
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for b.Loop() {
				login.ServeHTTP(w, r)
			}
			if w.Code != 200 || about(r).user != "ann" {
				b.Fatal(w.Code)
			}
		})
	}
}
