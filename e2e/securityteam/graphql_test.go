package securityteam_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func asJSON(r *http.Request) { r.Header.Set("Content-Type", "application/json") }

// ask sends a GraphQL query.
func (s team) ask(t *testing.T, path, query string) (status int, body string) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	answer := s.Request(t, "POST", path, strings.NewReader(string(text)), asJSON)
	return answer.Status, answer.Body
}

// aliases asks for the same thing many times in one query.
func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: test(inputString: \"x\") { output }\n", i)
	}
	return "query {" + b.String() + "}"
}

func TestCVE20250453ManyQueriesAtOnceTakeNotAllOfMLflow(t *testing.T) {
	s := startTeam(t)

	// Aliases: the gate bounds the text, and the MLflow behind it the aliases of what is left.
	if status, body := s.ask(t, "/graphql?few", aliases(10)); status != 200 || strings.Count(body, `"output"`) != 10 {
		t.Errorf("ten aliases: %d %s", status, body)
	}
	if status, body := s.ask(t, "/graphql?some", aliases(20)); status != 200 || !strings.Contains(body, "at most 10") {
		t.Errorf("twenty aliases: %d %s", status, body)
	}
	if status, body := s.ask(t, "/graphql?many", aliases(1000)); status != 400 || len(s.arrived("graphql?many")) != 0 {
		t.Errorf("a thousand aliases: %d %s", status, body)
	}

	// What nobody uses is not bounded by MLflow, which compares each field of it with each other: seconds of a processor.
	dear := func(words int) string {
		return `query { test(inputString: "x") { output } } fragment F on Test { ` + strings.Repeat("output ", words) + "}"
	}
	if status, body := s.ask(t, "/graphql?dear", dear(20_000)); status != 413 && status != 400 || len(s.arrived("graphql?dear")) != 0 {
		t.Errorf("an endless query: %d %s", status, body)
	}

	// In parallel: one user's wait for each other, somebody else's calls and the same user's others do not.
	var flood sync.WaitGroup
	for range 16 {
		flood.Go(func() {
			if status, body := s.ask(t, "/graphql", dear(450)); status != 200 && status != 429 {
				t.Errorf("a dear query: %d %s", status, body)
			}
		})
	}
	done := make(chan struct{})
	go func() { flood.Wait(); close(done) }()
	most, seen := 0, 0
	vic := s.As("vic", vicsPassword)
	for {
		select {
		case <-done:
			if most > 4 || seen == 0 {
				t.Errorf("MLflow had %d queries at once, in %d looks", most, seen)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
		var now struct {
			Workers []struct {
				InFlight int `json:"requests_in_flight"`
			}
		}
		if err := json.Unmarshal([]byte(s.Request(t, "GET", "/-/status", nil, nil).Body), &now); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, w := range now.Workers {
			n += w.InFlight
		}
		if n > 0 {
			seen++
		}
		most = max(most, n)
		if answer := vic.Request(t, "POST", "/api/2.0/mlflow/experiments/search", strings.NewReader(`{"max_results": 1}`), asJSON); answer.Status != 200 {
			t.Errorf("somebody else: %d %s", answer.Status, answer.Body)
		}
	}
}
