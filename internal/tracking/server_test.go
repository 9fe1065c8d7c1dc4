package tracking

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestAServerBecomesReadyAnswersAndStopsClean(t *testing.T) {
	before := goleak.IgnoreCurrent()
	p := start(t, "serves")
	p.untilReady(t)
	if status := p.Status(); status.Phase != PhaseReady || status.Detail != "MLflow is ready" || status.Restarts != 0 {
		t.Errorf("status %+v", status)
	}
	response, err := p.get(t, "/x")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if got := string(body); got != "0 mlflow.example" && got != "1 mlflow.example" {
		t.Errorf("answer %q, want a worker's number and the Host as it was given", got)
	}
	pid := p.Status().Workers[0].PID
	if err := p.stop(t); err != nil {
		t.Errorf("Run returned %v after its context ended", err)
	}
	if alive(pid) {
		t.Error("the child outlives Run")
	}
	if _, err := p.get(t, "/x"); !errors.Is(err, ErrNotReady) {
		t.Errorf("a stopped server answers: %v", err)
	}
	if status := p.Status(); status.Ready || status.Phase != PhaseStopping {
		t.Errorf("status after the stop %+v", status)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	goleak.VerifyNone(t, before)
}

func TestTheChildsOutputIsPrefixedAndHasNoPassword(t *testing.T) {
	p := start(t, "serves")
	p.untilReady(t)
	p.until(t, "the child's first line", func() bool { return p.log.has("mlflow | fake child says hello to [redacted]") })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	if p.log.has("hunter2pw") {
		t.Error("the password is in the log")
	}
}

func TestBeforeItIsReadyAServerRefusesAndClosesTheBody(t *testing.T) {
	p := start(t, "is never ready")
	p.until(t, "the workers", func() bool { return len(p.Status().Workers) == 2 })
	body := &closeCounter{Reader: strings.NewReader("x")}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", body)
	if _, err := p.RoundTrip(request); !errors.Is(err, ErrNotReady) {
		t.Errorf("error %v, want ErrNotReady", err)
	}
	if body.closed != 1 {
		t.Errorf("the body was closed %d times, want once", body.closed)
	}
	if status := p.Status(); status.Ready || status.Phase != PhaseOpening {
		t.Errorf("status %+v", status)
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

type closeCounter struct {
	io.Reader
	closed int
}

func (c *closeCounter) Close() error { c.closed++; return nil }

func TestAKilledChildIsStartedAgain(t *testing.T) {
	p := start(t, "serves")
	for life := range 4 { // more than maxFailed: each life became ready
		p.untilReady(t)
		before := p.Status().Workers[0].PID
		if response, err := p.get(t, "/die"); err == nil {
			response.Body.Close()
		}
		p.until(t, "another life", func() bool {
			status := p.Status()
			return status.Restarts == life+1 && status.Ready && status.Workers[0].PID != before
		})
	}
	if !p.log.has("signal: killed") {
		t.Error("the log does not say why it was restarted")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAReportedFailureEndsTheServerWithItsMessage(t *testing.T) {
	p := start(t, "fails")
	err := p.result(t)
	var fatal *FatalError
	if !errors.As(err, &fatal) || fatal.Kind != "database" || err.Error() != "cannot reach [redacted]@db:5432" {
		t.Errorf("Run returned %v", err)
	}
}

func TestSeveralStartsThatNeverBecomeReadyEndTheServer(t *testing.T) {
	for _, tt := range []struct{ part, want string }{
		{"exits", "MLflow did not become ready in 3 starts, the last time: its process ended: exit status 7"},
		{"is never ready", "MLflow did not become ready in 3 starts, the last time: no worker answered within 50ms"},
		{"imports for ever", "MLflow did not become ready in 3 starts, the last time: no worker answered within 50ms"},
		{"rehearses for ever", "MLflow did not become ready in 3 starts, the last time: no worker answered within 50ms"},
	} {
		t.Run(tt.part, func(t *testing.T) {
			p := start(t, tt.part, func(s *Server) { s.timing.ready = 50 * time.Millisecond })
			if err := p.result(t); err == nil || err.Error() != tt.want {
				t.Errorf("Run returned %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAMigrationMayTakeLongerThanAnImport(t *testing.T) {
	p := start(t, "migrates at length", func(s *Server) { s.timing.ready = 4 * time.Second })
	p.untilReady(t)
	if restarts := p.Status().Restarts; restarts != 0 {
		t.Errorf("%d restarts", restarts)
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAMissingPythonIsNotTriedTwice(t *testing.T) {
	p := start(t, "serves", func(s *Server) { s.options.Runtime.Python = "/nowhere/python" })
	if err := p.result(t); !errors.Is(err, fs.ErrNotExist) || p.log.has("starting it again") {
		t.Errorf("Run returned %v", err)
	}
}

func TestTheWaitForTheDatabaseIsShownAndCanBeStopped(t *testing.T) {
	p := start(t, "waits for the database")
	p.until(t, "the countdown", func() bool { return p.log.has("waiting for the database at db:5432, 41 s left: connection refused") })
	status := p.Status()
	if status.Phase != PhaseDatabase || status.Detail != "waiting for the database (for at most 41 more seconds)" {
		t.Errorf("status %+v", status)
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestStoppingDoesNotWaitForAnImport(t *testing.T) {
	p := start(t, "imports for ever")
	p.until(t, "the import", func() bool { return p.Status().Phase == PhaseImporting })
	if err := p.stop(t); err != nil { // StopTimeout is as long as the test's patience
		t.Error(err)
	}
}

func TestAMigrationIsFinishedBeforeTheEnd(t *testing.T) {
	p := start(t, "migrates until after the end was asked for", func(s *Server) {
		s.options.StopTimeout, s.options.FinishMigration = 20*time.Millisecond, time.Minute
	})
	p.until(t, "the migration", func() bool { return p.Status().Phase == PhaseMigrating })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	if !p.log.has("the database's schema is up to date") || p.log.has("is killed") {
		t.Error("it was killed in the middle")
	}
}

// The child looks at the lifeline before it begins, but the end may come between the two.
func TestAMigrationThatBeginsDuringTheStopIsFinished(t *testing.T) {
	p := start(t, "migrates when the end was asked for", func(s *Server) {
		s.options.StopTimeout, s.options.FinishMigration = 4*time.Second, time.Minute
	})
	p.until(t, "the wait for another one", func() bool { return p.Status().Phase == PhaseMigrating })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	if !p.log.has("the database's schema is up to date\"") || p.log.has("is killed") {
		t.Error("it was killed in the middle")
	}
}

func TestAForcedEndWaitsForNothing(t *testing.T) {
	forced := make(chan struct{})
	p := start(t, "does not stop", func(s *Server) { s.options.Forced = forced })
	p.untilReady(t)
	pid := p.Status().Workers[0].PID
	p.end()
	p.until(t, "the stop", func() bool { return p.Status().Phase == PhaseStopping })
	close(forced)
	if err := p.result(t); err != nil { // StopTimeout is as long as the test's patience
		t.Error(err)
	}
	if alive(pid) {
		t.Error("it was not killed")
	}
}

func TestAChildThatDoesNotStopIsKilled(t *testing.T) {
	p := start(t, "does not stop", func(s *Server) { s.options.StopTimeout = 20 * time.Millisecond })
	p.untilReady(t)
	pid := p.Status().Workers[0].PID
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	if alive(pid) || !p.log.has("did not stop in time and is killed") {
		t.Error("it was not killed")
	}
}

func TestNothingOfTheChildIsLeft(t *testing.T) {
	const orphaned, escaped = "leaves a process behind", "leaves a process behind that has left the group"
	for name, play := range map[string]string{
		"after a stop": orphaned, "after the child was killed": orphaned,
		"outside of its group, after a stop": escaped, "outside of its group, after the child was killed": escaped,
	} {
		if play == escaped && runtime.GOOS != "linux" {
			continue // where it cannot be found
		}
		t.Run(name, func(t *testing.T) {
			p := start(t, play)
			p.untilReady(t)
			orphan := 0
			p.until(t, "the orphan", func() bool {
				if found := regexp.MustCompile(`orphan (\d+)`).FindStringSubmatch(p.log.String()); found != nil {
					orphan, _ = strconv.Atoi(found[1])
				}
				return orphan != 0
			})
			if strings.HasSuffix(name, "after the child was killed") {
				if response, err := p.get(t, "/die"); err == nil {
					response.Body.Close()
				}
				p.until(t, "the restart", func() bool { return p.Status().Restarts == 1 })
				if alive(orphan) {
					t.Error("the orphan outlives the killed child")
				}
			}
			if err := p.stop(t); err != nil {
				t.Error(err)
			}
			if alive(orphan) {
				t.Error("the orphan outlives the server")
			}
		})
	}
}

// What cannot be told from a stranger is not killed, and keeps the output open.
func TestWhoHasLeftTheGroupAndItsEnvironmentIsNotWaitedFor(t *testing.T) {
	p := start(t, "leaves a process behind that has left the group and its environment", func(s *Server) { s.timing.lastWords = 100 * time.Millisecond })
	p.untilReady(t)
	orphan := 0
	p.until(t, "the orphan", func() bool {
		if found := regexp.MustCompile(`orphan (\d+)`).FindStringSubmatch(p.log.String()); found != nil {
			orphan, _ = strconv.Atoi(found[1])
		}
		return orphan != 0
	})
	defer func() { _ = syscall.Kill(orphan, syscall.SIGKILL) }()
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
	if !p.log.has("a process that MLflow has started outlives it") {
		t.Error("the log does not say so")
	}
}

func TestNewWantsItsOptions(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("no error")
	}
}

func TestRunReturnsAtOnceWhenItsContextHasEnded(t *testing.T) {
	p := start(t, "serves", func(s *Server) { s.timing.backoff = backoff{time.Hour, time.Hour} })
	p.untilReady(t)
	if response, err := p.get(t, "/die"); err == nil {
		response.Body.Close()
	}
	p.until(t, "the pause", func() bool { return p.Status().Phase == PhaseRestarting })
	if err := p.stop(t); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
