package tracking

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/provision"
)

func TestAWorkerThatHangsIsKilled(t *testing.T) {
	p := start(t, "hangs", func(s *Server) { s.timing.pulse, s.timing.hung = time.Millisecond, 50*time.Millisecond })
	p.until(t, "a restart", func() bool { return p.Status().Restarts >= 1 })
	if !p.log.has("worker does not answer and is killed") {
		t.Error("the log does not say why")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerWhoseThreadsAreAllStuckIsKilled(t *testing.T) {
	p := start(t, "stands still", func(s *Server) { s.timing.pulse, s.timing.stuck = time.Millisecond, 300*time.Second })
	p.until(t, "a restart", func() bool { return p.Status().Restarts >= 1 })
	if !p.log.has("worker has ended no call for long though others wait, and is killed") {
		t.Error("the log does not say why")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerThatIsBusyForLessIsLeftAlone(t *testing.T) {
	p := start(t, "stands still", func(s *Server) { s.timing.pulse, s.timing.stuck = time.Millisecond, 301*time.Second })
	p.untilReady(t)
	time.Sleep(50 * time.Millisecond)
	if p.log.has("is killed") || p.Status().Restarts > 0 {
		t.Error("it was killed")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerThatDoesNotBecomeReadyIsKilledWhenAnotherIs(t *testing.T) {
	p := start(t, "has one that is never ready", func(s *Server) { s.timing.birth = 50 * time.Millisecond })
	p.until(t, "a restart", func() bool { return p.Status().Restarts >= 1 })
	if !p.log.has("worker does not become ready and is killed") {
		t.Error("the log does not say why")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestWorkersThatAllWaitAreLeftAlone(t *testing.T) {
	p := start(t, "is never ready", func(s *Server) { s.timing.birth = time.Millisecond })
	p.until(t, "workers", func() bool { return len(p.Status().Workers) == 2 })
	time.Sleep(20 * time.Millisecond)
	if p.log.has("is killed") || p.Status().Restarts > 0 {
		t.Error("a worker was killed that waits for what all wait for")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerThatGrowsIsReplaced(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	p := start(t, "serves", func(s *Server) { s.options.WorkerMemory, s.timing.weigh = 1, 5*time.Millisecond })
	p.until(t, "a restart", func() bool { return p.Status().Restarts >= 1 })
	if !p.log.has("takes more memory than its share and is replaced") {
		t.Error("the log does not say why")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAShareThatANewWorkerExceedsReplacesNoneForEver(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	for _, part := range []string{"serves", "forks"} { // the worker is the child, or a process of its own
		t.Run(part, func(t *testing.T) {
			p := start(t, part, func(s *Server) {
				s.options.Workers, s.options.WorkerMemory, s.timing.weigh = 1, 1, 5*time.Millisecond
			})
			p.until(t, "the warning", func() bool { return p.log.has("a new worker takes more memory than its share already") })
			time.Sleep(100 * time.Millisecond) // many looks later
			if status := p.Status(); status.WorkerRestarts+status.Restarts != 1 || !status.Ready {
				t.Errorf("%+v", status)
			}
			if n := strings.Count(p.log.String(), "a new worker takes more"); n != 1 {
				t.Errorf("it warned %d times", n)
			}
			if err := p.stop(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAWorkerThatIsNewAndTooLargeRestsAndIsReplacedLater(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	p := start(t, "forks", func(s *Server) {
		s.options.Workers, s.options.WorkerMemory, s.timing.weigh, s.timing.rest = 1, 1, 5*time.Millisecond, 20*time.Millisecond
		s.timing.fresh = 500 * time.Millisecond
	})
	p.until(t, "the warning, and replaced workers after it", func() bool {
		return p.log.has("is not replaced for a while") && p.Status().WorkerRestarts >= 2
	})
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestTheLargestWorkerIsReplacedWhenAllTogetherTakeTooMuch(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	// The launcher and the parent, this program, are counted and take more than that: the workers, which sleep, take less.
	const between = 2 << 20
	for name, tt := range map[string]struct {
		most    int64
		replace bool
	}{"too much": {between, true}, "enough": {1 << 40, false}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, "forks", func(s *Server) { s.options.TotalMemory, s.timing.weigh = tt.most, 5*time.Millisecond })
			p.untilReady(t)
			if tt.replace {
				p.until(t, "a replaced worker", func() bool { return p.Status().WorkerRestarts > 0 })
			} else {
				time.Sleep(50 * time.Millisecond) // many looks
			}
			for _, w := range p.Status().Workers {
				if w.Memory > between/2 {
					t.Errorf("a worker takes %d bytes itself", w.Memory)
				}
			}
			if said := p.log.has("the largest worker is replaced"); said != tt.replace {
				t.Errorf("it was said: %t", said)
			}
			if err := p.stop(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoWorkerIsReplacedWhileRequestsAreDrained(t *testing.T) {
	draining := make(chan struct{})
	close(draining)
	p := start(t, "forks", func(s *Server) {
		s.options.WorkerMemory, s.options.Draining, s.timing.weigh = 1, draining, 5*time.Millisecond
	})
	p.untilReady(t)
	time.Sleep(50 * time.Millisecond) // many looks
	if p.log.has("is replaced") || p.Status().WorkerRestarts > 0 {
		t.Error("a worker was replaced")
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerThatTakesItsTimeToGrowIsReplacedAgain(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	p := start(t, "forks", func(s *Server) {
		s.options.WorkerMemory, s.timing.weigh, s.timing.fresh = 1, 5*time.Millisecond, time.Nanosecond
	})
	p.until(t, "replaced workers", func() bool { return p.Status().WorkerRestarts > 4 })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestTheOnlyWorkerIsReplacedInAMomentWithoutRequests(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	p := start(t, "forks", func(s *Server) {
		s.options.Workers, s.options.WorkerMemory, s.timing.weigh, s.timing.retire = 1, 1, 200*time.Millisecond, time.Millisecond
		s.timing.fresh = time.Nanosecond // one that is replaced before the request below has come has a successor that is as well
	})
	var held *http.Response
	p.until(t, "an answer", func() bool {
		response, err := p.get(t, "/hold/")
		held = response
		return err == nil
	})
	first := p.Status().Workers[0].PID
	p.until(t, "the warning", func() bool { return p.log.has("will be replaced in a moment without requests") })
	time.Sleep(50 * time.Millisecond)
	if now := p.Status(); !now.Ready || now.Workers[0].PID != first {
		t.Error("it was replaced while it was answering")
	}
	_ = held.Body.Close()
	p.until(t, "its successor", func() bool { now := p.Status(); return now.Ready && now.Workers[0].PID != first })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAParentThatDoesNotNoticeADeathIsStartedAgain(t *testing.T) {
	p := start(t, "forks, and does not look", func(s *Server) {
		s.options.Workers, s.timing.pulse, s.timing.hung, s.timing.burial = 1, time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	})
	p.until(t, "a restart", func() bool { return p.log.has(`starting it again" cause="the parent of its workers hung"`) })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestAWorkerIsDismissedWhenItHasAnsweredEverything(t *testing.T) {
	p := newPool()
	one, two := p.add(0, 1, "unix", "/nowhere"), p.add(1, 2, "unix", "/nowhere")
	p.markReady(one)
	p.markReady(two)
	busy := p.acquire()
	if busy != one || p.dismiss(one, false, "memory") {
		t.Error("a busy worker was let go")
	}
	if got := p.acquire(); got != two {
		t.Error("a worker that is to go gets requests")
	}
	p.release(one)
	if !p.dismiss(one, false, "memory") || p.allReady() {
		t.Error("a worker without requests was not let go")
	}
	if doom := p.remove(0, 1); !strings.Contains(doom, "memory") {
		t.Errorf("it went because %q", doom)
	}
	if p.allReady() {
		t.Error("all are ready although one is missing")
	}
	p.release(two)
	if p.dismiss(two, true, "memory") || !p.anyReady() {
		t.Error("a worker was let go while the other one was missing")
	}
	p.markReady(p.add(0, 3, "unix", "/nowhere"))
	if !p.allReady() || !p.dismiss(two, false, "memory") {
		t.Error("a worker without requests was not let go when the other one was back")
	}
	if p.dismiss(one, true, "memory") {
		t.Error("one that has died was let go, whose process may be another one by now")
	}
}

func TestAWorkerThatIsToGoStaysWhenTheOthersDie(t *testing.T) {
	p := newPool()
	one, two := p.add(0, 1, "unix", "/nowhere"), p.add(1, 2, "unix", "/nowhere")
	p.markReady(one)
	p.markReady(two)
	p.acquire()
	if p.dismiss(one, false, "memory") || p.acquire() != two {
		t.Fatal("it was not being dismissed")
	}
	p.remove(1, 2)
	if p.dismiss(one, true, "memory") || p.acquire() != one {
		t.Error("nobody answers")
	}
	p.markReady(p.add(1, 3, "unix", "/nowhere"))
	if p.dismiss(one, false, "memory") {
		t.Error("a busy worker was let go")
	}
	p.keep(one)
	if !p.allReady() || one.doom != "" {
		t.Error("it was not kept")
	}
}

func TestADismissedWorkerThatHangsIsNotTakenBack(t *testing.T) {
	p := newPool()
	only := p.add(0, 1, "unix", "/nowhere")
	p.markReady(only)
	p.acquire()
	p.condemn(only, "it did not answer")
	if p.dismiss(only, true, "memory") || p.anyReady() || only.doom != "it did not answer" {
		t.Error("it gets requests again, or its end another reason")
	}
	p.keep(only)
	if p.markReady(only) || p.anyReady() {
		t.Error("it gets requests again")
	}
}

// A worker that is let go is not ready either, and was.
func TestAWorkerThatIsLetGoWhileItIsYoungMayFinish(t *testing.T) {
	if Memory(os.Getpid()) == 0 {
		t.Skip("/proc/PID/smaps_rollup is missing on this machine")
	}
	p := start(t, "forks", func(s *Server) {
		s.options.WorkerMemory, s.timing.weigh, s.timing.birth = 1, 50*time.Millisecond, 2*time.Second
		s.timing.fresh = time.Nanosecond // one that is replaced before the requests below have come has a successor that is as well
	})
	var held []*http.Response
	p.until(t, "requests in both workers", func() bool {
		if r, err := p.get(t, "/hold/"); err == nil {
			held = append(held, r)
		}
		return len(held) == 2
	})
	p.until(t, "a worker that is let go", func() bool {
		now := p.Status()
		return len(now.Workers) == 2 && now.Workers[0].Ready != now.Workers[1].Ready
	})
	time.Sleep(2100 * time.Millisecond) // until it is looked at, and longer
	if p.log.has("does not become ready") {
		t.Error("it was killed for not becoming ready")
	}
	for _, r := range held {
		_ = r.Body.Close()
	}
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestTheOnlyWorkerIsDismissedInAMomentWithoutRequests(t *testing.T) {
	p := newPool()
	only := p.add(0, 1, "unix", "/nowhere")
	p.markReady(only)
	p.acquire()
	for _, now := range []bool{false, true} {
		if p.dismiss(only, now, "memory") || !p.anyReady() {
			t.Error("the only worker was let go while it was answering")
		}
	}
	p.release(only)
	if !p.dismiss(only, false, "memory") {
		t.Error("the only worker was kept in a moment without requests")
	}
}

func TestACrashLoopEndsTheServer(t *testing.T) {
	p := start(t, "serves", func(s *Server) { s.timing.maxUnsteady = 4 })
	p.endLives(t, "/die", func() bool { return len(p.done) > 0 })
	err := p.result(t)
	if err == nil || !strings.Contains(err.Error(), "ended within 1m0s of its start 4 times in a row") {
		t.Errorf("Run returned %v", err)
	}
}

func TestALifeInWhichWorkersKeptDyingIsNotSteadyHoweverLong(t *testing.T) {
	// Two nanoseconds are a steady life, and each of these lasts for longer.
	p := start(t, "serves", func(s *Server) { s.timing.stable, s.timing.settled, s.timing.maxUnsteady = 2, 2, 3 })
	p.endLives(t, "/lose-workers", func() bool { return len(p.done) > 0 })
	err := p.result(t)
	if err == nil || !strings.Contains(err.Error(), "3 times in a row") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("Run returned %v", err)
	}
}

func TestASteadyLifeIsFollowedByTheNextAtOnce(t *testing.T) {
	p := start(t, "serves", func(s *Server) {
		s.timing.stable, s.timing.settled, s.timing.maxUnsteady, s.timing.backoff = 1, 1, 2, backoff{time.Hour, time.Hour}
	})
	p.endLives(t, "/die", func() bool { return p.Status().Restarts > 3 })
	if err := p.stop(t); err != nil {
		t.Error(err)
	}
}

func TestMigrateReturnsWhenTheChildIsDone(t *testing.T) {
	for play, want := range map[string]string{"migrates": "", "fails": "cannot reach", "exits": "exit status 7"} {
		t.Run(play, func(t *testing.T) {
			s := start(t, play, func(s *Server) { s.timing.backoff = backoff{time.Hour, time.Hour} })
			o := s.options
			s.end()
			err := Migrate(t.Context(), o)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v", err)
			}
		})
	}
	s := start(t, "migrates")
	s.end()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Migrate(ctx, s.options); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAnUpgradeTellsHowFarItIsButNotEveryStep(t *testing.T) {
	p := start(t, "migrates", func(s *Server) { s.timing.step = time.Hour })
	p.until(t, "the end of an upgrade", func() bool { return p.log.has("up to date") })
	if !p.log.has("step=1 of=3") || p.log.has("step=2") || !p.log.has("step=3 of=3") {
		t.Errorf("the log has\n%s", p.log)
	}
	if !p.log.has(`waiting for it" by="process 7 of [redacted]"`) {
		t.Errorf("the log does not tell who is in the way:\n%s", p.log)
	}
}

func TestAnExaminationTellsWhatItFound(t *testing.T) {
	s := start(t, "examines")
	s.end()
	found, err := Examine(t.Context(), s.options, false)
	want := Finding{Check: "database", State: "warn", Text: "[redacted] is slow", Fix: "wait"}
	if err != nil || len(found) != 1 || found[0] != want {
		t.Errorf("%+v, %v", found, err)
	}
}

// untilSaid ends a context when the child prints something.
type untilSaid struct {
	text string
	end  func()
}

func (u untilSaid) Write(p []byte) (int, error) {
	if strings.Contains(string(p), u.text) {
		u.end()
	}
	return len(p), nil
}

func TestAnExaminationThatTakesTooLongNamesWhatItLookedAt(t *testing.T) {
	s := start(t, "examines for ever")
	s.end()
	ctx, cancel := context.WithCancelCause(t.Context())
	o := s.options
	o.StopTimeout = time.Millisecond // it does not end by itself
	o.Output = untilSaid{"it looks at something", func() { cancel(errors.New("no answer within a while")) }}
	if _, err := Examine(ctx, o, false); err == nil || err.Error() != "while looking at database rights: no answer within a while" {
		t.Error(err)
	}
}

func TestConnectionsAreLimitedWithOneExtra(t *testing.T) {
	lean := provision.Runtime{Locked: true}
	for _, tt := range []struct {
		options Options
		want    string
	}{
		{Options{Runtime: lean}, ""},
		{Options{Runtime: lean, Connections: 2}, "1 1"},
		{Options{Runtime: lean, Connections: 5}, "4 1"},
		// MLflow's own command line has a pool for each store.
		{Options{Connections: 9}, "3 1"},
		{Options{Runtime: lean, Jobs: true, Connections: 9}, "2 1"},
		{Options{Jobs: true, Connections: 3}, "1 1"},
	} {
		var got []string
		for _, setting := range poolEnviron(tt.options) {
			got = append(got, setting.value)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: %q", tt.options, got)
		}
	}
}
