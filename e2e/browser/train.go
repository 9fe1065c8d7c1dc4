package browser

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

//go:embed training.py
var training string

// Trained is what Train has left on a server.
type Trained struct {
	Experiment string
	Runs       map[string]string // ids by depth: 3, 5, 8
	Trace      string
}

// Train makes what there is to look at, with the client: the experiment "house prices" with three runs "forest of depth N",
// which have curves, parameters, a text and a picture; the registered model "price of a house"; and a trace.
func Train(t testing.TB, c harness.Client) Trained {
	t.Helper()
	out, err := harness.PythonSource(t, c, training)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var made Trained
	for start := len(out) - 1; start >= 0; start-- {
		if out[start] == '{' && (start == 0 || out[start-1] == '\n') {
			if err := json.NewDecoder(strings.NewReader(out[start:])).Decode(&made); err == nil {
				return made
			}
		}
	}
	t.Fatalf("the training said:\n%s", out)
	return made
}
