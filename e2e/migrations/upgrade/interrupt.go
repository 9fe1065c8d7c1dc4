package upgrade

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// kills is how often each database's upgrade is interrupted, each time at another step.
var kills = harness.Times(2, 20)

// Interrupt kills upgrades of databases that prepare makes, and checks that the next one goes on and loses nothing: unless
// its failure is one that stuck knows.
func Interrupt(t *testing.T, prepare func() (o harness.Options, uri string), stuck func(harness.Result) bool) {
	t.Helper()
	for interrupted, tries := 0, 0; interrupted < kills; tries++ {
		if tries > 3*kills {
			t.Fatalf("only %d of %d upgrades could be interrupted", interrupted, tries)
		}
		o, uri := prepare()
		o.Args = []string{"migrate"}
		before := Contents(t, uri, nil)
		if killInTheMiddle(t, o) {
			interrupted++
		}
		r := harness.RunToExit(t, o)
		if r.Code != 0 && stuck(r) {
			continue
		}
		if r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
			t.Fatalf("exit code %d:\n%s", r.Code, r.Stderr)
		}
		Same(t, before, Contents(t, uri, before))
	}
}

var aStep = regexp.MustCompile(`\| step (\d+) of (\d+): Running upgrade`)

// killInTheMiddle begins an upgrade and kills it at a random step after the first one. It returns false when the kill came
// too late.
func killInTheMiddle(t *testing.T, o harness.Options) bool {
	t.Helper()
	o.Env["MLFLOW_LOGGING_LEVEL"] = "DEBUG" // which has every step told when it begins
	s := harness.Launch(t, o)
	wanted := 0
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		steps := aStep.FindAllStringSubmatch(s.Log(), -1)
		if len(steps) > 0 && wanted == 0 {
			total, _ := strconv.Atoi(steps[0][2])
			wanted = 2 + rand.IntN(total-3)
		}
		if wanted > 0 && len(steps) >= wanted {
			break
		}
		if time.Since(began) > 3*time.Minute {
			t.Fatalf("it does not get to step %d: %s", wanted, s.Log())
		}
	}
	s.Kill()
	steps := aStep.FindAllStringSubmatch(s.Log(), -1)
	t.Logf("killed at step %d of %s", len(steps), steps[0][2])
	return !strings.Contains(s.Log(), Done)
}
