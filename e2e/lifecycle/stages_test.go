package lifecycle

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// What the waiting page asks for, all the way from an empty database.
func TestAStartOnAnEmptyDatabaseGoesThroughItsStages(t *testing.T) {
	s := harness.Launch(t, harness.Options{})
	s.WaitListening()
	var stages []string
	before := 0
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not ready after %v\n%s", stages, s.Log())
		}
		p := askProgress(t, s.URL)
		if p.Ready {
			break
		}
		if p.Percent < before || p.Percent > 100 {
			t.Errorf("%d %% after %d %%, in %q", p.Percent, before, p.Stage)
		}
		if before = p.Percent; !slices.Contains(stages, p.Stage) || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
	}
	if want := []string{"database", "load", "schema", "open"}; !slices.Equal(stages, want) {
		t.Errorf("the stages were %q, want %q", stages, want)
	}
}

type progress struct {
	Ready        bool
	Stage, Doing string
	Percent      int
}

func askProgress(t *testing.T, url string) (p progress) {
	t.Helper()
	answer, err := http.Get(url + "/-/progress")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p
}
