package gate

import (
	"context"
	"os"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestMain lets the test's own program be the gate that Measure starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "gate-server" {
		if err := Serve(context.Background(), os.Args[2], os.Args[3]); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestItMeasuresSomething(t *testing.T) {
	harness.Require(t, "nginx")
	harness.Require(t, "openssl")
	r, err := Measure(t.Context(), Smoke, nil, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) < 5 {
		t.Errorf("%d figures", len(r.Figures))
	}
	t.Log(r.Markdown())
}
