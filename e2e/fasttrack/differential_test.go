package fasttrack

import (
	"testing"

	"mlflow-server/e2e/harness"
)

// TestEveryAnswerAndEveryRowIsMLflows is the proof that native tracking rests on.
func TestEveryAnswerAndEveryRowIsMLflows(t *testing.T) {
	const runs = 12
	plain, native := startBoth(t, runs)
	g := newGenerator(20261123, runs)
	calls, different, statuses := harness.Times(330, 20_000), 0, map[int]int{}
	for n := range calls {
		status, same := both(t, plain, native, g.call())
		statuses[status]++
		if !same {
			if different++; different >= 10 {
				t.Fatalf("gave up after %d calls", n+1)
			}
		}
	}
	sameRows(t, plain, native)
	answered, handed := native.counts(t)
	t.Logf("%d calls; MLflow's answers by status: %v; answered natively: %v; looked at and handed to MLflow: %v", calls, statuses, answered, handed)
	for name, n := range answered {
		if n < calls/100 {
			t.Errorf("%s was answered natively %d times of %d calls: too few to prove anything", name, n, calls)
		}
	}
	native.isOn(t)
	if len(answered) == 0 || statuses[200] < calls/3 || statuses[400] < calls/20 {
		t.Error("the calls are too much alike")
	}
}
