package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family is a shell in a session of its own, with two children of which one has a child.
func family(t *testing.T) *exec.Cmd {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	cmd := exec.Command("sh", "-c", "sleep 60 & (sleep 60 & wait) & echo ready; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tree, _ := Tree(cmd.Process.Pid)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := KillSurvivors(tree); err != nil {
			t.Error(err)
		}
	})
	if _, err := out.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// whole waits until all of the family has started.
func whole(t *testing.T, leader int) []Process {
	t.Helper()
	for range 6000 {
		tree, err := Tree(leader)
		if err != nil {
			t.Fatal(err)
		}
		if len(tree) == 4 {
			return tree
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the family does not become whole")
	return nil
}

func TestATreeHasAllDescendantsAfterTheirParents(t *testing.T) {
	leader := family(t).Process.Pid
	tree := whole(t, leader)
	if tree[0].PID != leader {
		t.Errorf("first is %v, not the leader %d", tree[0], leader)
	}
	seen := map[int]bool{}
	for i, p := range tree {
		if i > 0 && !seen[p.parent] {
			t.Errorf("%v stands before its parent", p)
		}
		seen[p.PID] = true
	}
}

func TestMemoryAndTimeOfAProcessAreSeen(t *testing.T) {
	tree := whole(t, family(t).Process.Pid)
	bytes, err := PSS(tree)
	if err != nil {
		t.Fatal(err)
	}
	if bytes < 64<<10 || bytes > 64<<20 {
		t.Errorf("a few shells take %d bytes", bytes)
	}
	if own, err := Anonymous(tree); err != nil || own < 16<<10 || own >= bytes {
		t.Errorf("of %d bytes %d are in no file: %v", bytes, own, err)
	}
	own, err := Tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if own[0].PID != os.Getpid() || own[0].CPU < 0 || own[0].CPU > time.Hour {
		t.Errorf("this process: %v, %v", own[0], own[0].CPU)
	}
}

func TestHeldProcessesStandStillUntilTheyAreReleased(t *testing.T) {
	leader := family(t).Process.Pid
	whole(t, leader)
	for _, c := range []struct {
		do   func(int) error
		want func(state string) bool
	}{
		{Hold, func(s string) bool { return s == "T" }},
		{Release, func(s string) bool { return s != "T" }},
	} {
		if err := c.do(leader); err != nil {
			t.Fatal(err)
		}
		for _, p := range whole(t, leader) {
			// A signal takes effect when its process is scheduled the next time.
			for range 6000 {
				if c.want(state(t, p)) {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if s := state(t, p); !c.want(s) {
				t.Errorf("%v is in state %s", p, s)
			}
		}
	}
}

func state(t *testing.T, p Process) string {
	t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))[0]
}

func TestAStoppedProgramLeavesNothingBehind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	for _, c := range []struct{ name, script string }{
		{"one that ends when asked", "sleep 60 & echo begun; wait"},
		{"one that does not listen", "trap '' TERM; sleep 60 & echo begun; wait; wait; sleep 60"},
		{"one whose child has left the session", "setsid sleep 60 & echo begun; wait"},
	} {
		for _, held := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, held: %v", c.name, held), func(t *testing.T) {
				r, err := Start(Command{
					Program: "sh", Args: []string{"-c", c.script}, Env: os.Environ(), Log: filepath.Join(t.TempDir(), "log"), Patience: 300 * time.Millisecond,
				})
				if err != nil {
					t.Fatal(err)
				}
				var tree []Process
				for range 6000 {
					tree, err = Tree(r.PID())
					if len(tree) == 2 && tree[1].Command == "sleep" && r.Tail(1) == "begun" {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				if len(tree) != 2 {
					t.Fatalf("%v, %v", tree, err)
				}
				if held {
					if err := Hold(r.PID()); err != nil {
						t.Fatal(err)
					}
				}
				if err := r.Stop(); err != nil {
					t.Fatal(err)
				}
				if left, err := alive(tree); err != nil || len(left) > 0 {
					t.Errorf("left: %v, %v", left, err)
				}
			})
		}
	}
}

func TestAProgramThatEndsIsNoticedWithItsLog(t *testing.T) {
	r, err := Start(Command{Program: "sh", Args: []string{"-c", "echo no such thing; exit 3"}, Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	if text := r.Ended().Error(); !strings.Contains(text, "exit status 3") || !strings.Contains(text, "no such thing") {
		t.Error(text)
	}
}

func TestAProgramThatIsNotThereIsAnError(t *testing.T) {
	if _, err := Start(Command{Program: "/nowhere/program", Log: filepath.Join(t.TempDir(), "log")}); err == nil {
		t.Error("no error")
	}
}

func TestSurvivorsOfALeaderAreEnded(t *testing.T) {
	cmd := family(t)
	tree := whole(t, cmd.Process.Pid)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err := KillSurvivors(tree); err != nil {
		t.Fatal(err)
	}
	if left, err := alive(tree); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestStatLinesAreRead(t *testing.T) {
	rest := " 1 7 6 0 -1 4194304 1 2 3 4 250 50 7 8 20 0 1 0 99 1000 10"
	for _, c := range []struct {
		name, line string
		ok         bool
		want       Process
	}{
		{"an ordinary one", "5 (sh) S" + rest, true, Process{PID: 5, Command: "sh", parent: 1, session: 6, start: "99", CPU: 3 * time.Second}},
		{"a name with parentheses and spaces", "5 (a) (b c) R" + rest, true, Process{PID: 5, Command: "a) (b c", parent: 1, session: 6, start: "99", CPU: 3 * time.Second}},
		{"a zombie", "5 (sh) Z" + rest, false, Process{}},
		{"a cut one", "5 (sh) S 1 2", false, Process{}},
		{"nonsense", "hello", false, Process{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := parse(c.line); ok != c.ok || got != c.want {
				t.Errorf("%+v %v", got, ok)
			}
		})
	}
}

func TestThePriorityIsThatOfNice(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	out, err := exec.Command("nice").Output() // says its own
	if err != nil {
		t.Fatal(err)
	}
	if got := strconv.Itoa(Nice()); got != strings.TrimSpace(string(out)) {
		t.Errorf("%s instead of %s", got, out)
	}
}
