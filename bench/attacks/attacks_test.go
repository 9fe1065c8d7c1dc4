package attacks

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestASmallRunHasEveryFigure(t *testing.T) {
	harness.Runtime(t)
	r, err := Measure(t.Context(), Smoke, nil, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	text := r.Markdown()
	for _, want := range []string{"looked at", "put off", "no place to wait", "beside connections held open", "an unknown user", "largest difference", "guesses"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

func TestGuessesAreCountedByWhatBecameOfThem(t *testing.T) {
	answers := []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(answers[int(n.Add(1))%len(answers)])
	}))
	defer server.Close()
	g := &guesser{address: strings.TrimPrefix(server.URL, "http://"), user: victim, homes: newHome, atOnce: 8}
	if err := g.guess(t.Context(), 30, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(g.sent.Load(), g.looked.Load(), g.putOff.Load(), g.crowded.Load()); got != "30 10 10 10" {
		t.Errorf("%s: %s", got, g.fate())
	}
	answers = []int{http.StatusOK}
	if err := g.guess(t.Context(), 1, time.Millisecond); err == nil || !strings.Contains(err.Error(), "200 OK") {
		t.Errorf("a guess that was let in: %v", err)
	}
}

func TestTheFullScaleSendsTenThousandGuessesFromAHundredAddressesAHundredAtOnce(t *testing.T) {
	if Full.Rounds*Full.Guesses < 10_000 || Full.Homes < 100 || Full.AtOnce < 100 {
		t.Errorf("%+v", Full)
	}
}
