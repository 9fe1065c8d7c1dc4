package provision

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

func TestALogGetsOneLineForEachThing(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := &plain{out: &out, now: func() time.Time { return clock }}
	p.Started("Getting uv")
	p.Note("uv on PATH: too old")
	p.Downloaded(1_000_000, 20_000_000)
	clock = clock.Add(11 * time.Second)
	p.Downloaded(5_000_000, 20_000_000)
	p.Downloaded(6_000_000, 20_000_000)
	p.Finished("Getting uv", "0.12.5 from the pinned download", 21*time.Second, 0)
	p.Started("Pruning")
	p.Finished("Pruning", "", 400*time.Millisecond, -39_000_000)
	p.Started("Compiling")
	p.Failed("Compiling", 65*time.Second)
	want := `Getting uv …
  uv on PATH: too old
  5.0 MB of 20 MB
Getting uv: 0.12.5 from the pinned download, 21 s
Pruning …
Pruning: -39 MB, 0.4 s
Compiling …
Compiling: failed after 1 min 5 s
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATerminalKeepsARunningStepInOneLine(t *testing.T) {
	var out bytes.Buffer
	p := newTerminal(&out, func() int { return 37 }, false)
	p.Note("before any step")
	p.Started("Getting uv")
	p.Note("a remark that is much too long for the width of this terminal")
	p.Finished("Getting uv", "0.12.5", 2*time.Second, 20_000_000)
	p.Started("Compiling")
	p.Failed("Compiling", time.Second)
	if strings.Count(out.String(), "\n") != 3 {
		t.Errorf("there are %d lines in %q", strings.Count(out.String(), "\n"), out.String())
	}
	for _, want := range []string{"before any step\n", clearLine + ".. Getting uv", "ok Getting uv  0.12.5, +20 MB, 2.0 s\n", "!! Compiling  failed after 1.0 s\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %q", want, out.String())
		}
	}
	for part := range strings.SplitSeq(out.String(), clearLine) {
		if strings.HasPrefix(part, "..") && len([]rune(part)) > 36 {
			t.Errorf("%q would wrap", part)
		}
	}
	if strings.Contains(out.String(), "\x1b[3") {
		t.Error("there is colour")
	}
	out.Reset()
	p = newTerminal(&out, func() int { return 80 }, true)
	p.Started("Getting uv")
	p.Finished("Getting uv", "", 0, 0)
	if !strings.Contains(out.String(), green+"ok"+reset) {
		t.Errorf("there is no colour in %q", out.String())
	}
}

func TestSizesAndDurationsAreForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 45_400: "45 kB", 999_600: "1.0 MB", 9_960_000: "10 MB", 316_900_000: "317 MB", -39_000_000: "-39 MB"} {
		if got := FormatSize(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		40 * time.Millisecond: "0.0 s", 9940 * time.Millisecond: "9.9 s", 9960 * time.Millisecond: "10 s", 59600 * time.Millisecond: "1 min 0 s",
		125 * time.Second: "2 min 5 s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestWhatStaysOnATerminalFitsItToo(t *testing.T) {
	const columns = 40
	for _, colour := range []bool{false, true} {
		var out bytes.Buffer
		p := newTerminal(&out, func() int { return columns }, colour)
		p.Started("Installing MLflow 3.17.2")
		p.Finished("Installing MLflow 3.17.2", "112 packages from the lock, größtenteils", 65*time.Second, 391_000_000)
		p.Started("Compiling")
		p.Failed("Compiling with a name that is longer than the terminal is wide", time.Second)
		plain := strings.NewReplacer(green, "", red, "", dim, "", reset, "", clearLine, "\n").Replace(out.String())
		for line := range strings.Lines(plain) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n >= columns {
				t.Errorf("%d columns: %q", n, line)
			}
		}
		for _, want := range []string{"ok Installing MLflow 3.17.2  112 packa…\n", "!! Compiling with a name that is longe…\n"} {
			if !strings.Contains(plain, want) {
				t.Errorf("%q is not in %q", want, plain)
			}
		}
	}
}

func TestADownloadIsSeenOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out safeBuffer
		p := newTerminal(&out, func() int { return 80 }, false)
		p.Started("Getting uv")
		p.Downloaded(5_000_000, 20_000_000)
		time.Sleep(redrawEvery)
		synctest.Wait()
		if !strings.Contains(out.String(), clearLine+".. Getting uv  5.0 MB of 20 MB") {
			t.Errorf("%q", out.String())
		}
		p.Finished("Getting uv", "", time.Second, 0)
	})
}

// safeBuffer is written to by the clock of a running step as well.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
