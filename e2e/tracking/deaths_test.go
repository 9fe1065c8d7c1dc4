package tracking_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A worker that dies when it has grown a little is forked again, but not for ever. Real forks, of a program that does
// nothing but die.
func TestWorkersThatKeepDyingAreNotForkedForEver(t *testing.T) {
	out := withParts(t, `
import json, os, signal, socket, sys
from mlflow_serve import deaths, forks
from mlflow_serve.failure import Ended
deaths.YOUNG = 0.0  # all of them are older

class Report:
    def __init__(self): self.died_of = []
    def worker(self, *_): pass
    def died(self, index, pid, reason): self.died_of.append(reason)

def lives(die):
    report, here = Report(), os.pipe()
    line = type("Line", (), {"fd": here[0]})
    forks.application.serve = lambda *_: die()
    sockets = [socket.socket() for _ in range(2)]
    try:
        forks.serve(None, sockets, type("Settings", (), {"stop_timeout": 1}), report, line)
    except Ended as ended:
        return {"code": ended.code, "deaths": len(report.died_of), "of": sorted(set(report.died_of))}

def starving(die):
    count = iter(range(1000))  # the kernel's, which grows with every death
    made = forks.Deaths
    forks.Deaths = lambda workers: made(workers, lambda: next(count))
    return lives(die)

print(json.dumps([
    lives(lambda: os._exit(9)),
    lives(lambda: os.kill(os.getpid(), signal.SIGSEGV)),
    lives(lambda: os.kill(os.getpid(), signal.SIGKILL)),
    starving(lambda: os.kill(os.getpid(), signal.SIGKILL)),
]))
`)
	type life struct {
		Code, Deaths int
		Of           []string
	}
	var got []life
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(got) != 4 {
		t.Fatal(out)
	}
	for i, want := range []struct {
		of     string
		deaths int
	}{{"exit code 9", 20}, {"signal 11", 20}, {"signal 9", 200}, {"the kernel killed it: memory ran out", 20}} {
		if g := got[i]; g.Code != 3 || g.Deaths != want.deaths || len(g.Of) != 1 || g.Of[0] != want.of {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
}

func TestEveryOneOfSeveralThatTheKernelKilledAtOnceIsTold(t *testing.T) {
	out := withParts(t, `
from mlflow_serve.deaths import Deaths
counts = iter([5, 7, 7, 7])
deaths = Deaths(3, lambda: next(counts))
print([deaths.cause(-9)[1] for _ in range(3)])
`)
	if out != "[10, 10, 1]" {
		t.Error(out)
	}
}

func TestWhatTheKernelKilledForLackOfMemoryIsCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"version 2, at the root of a container": {map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": "low 0\noom 9\noom_kill 3\noom_group_kill 0\n"}, "3"},
		"version 2, a group of its own": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/memory.events": "oom_kill 9\n", "sys/fs/cgroup/a/b/memory.events": "oom_kill 4\n"}, "4"},
		"version 1, the host's path": {map[string]string{
			"proc/self/cgroup":                        "7:cpu,cpuacct:/x\n5:memory:/docker/abc\n0::/x\n",
			"sys/fs/cgroup/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"}, "5"},
		"nobody counts": {map[string]string{"proc/self/cgroup": "nonsense\n"}, "0"},
		"no group":      {nil, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, text := range tt.files {
				path = filepath.Join(root, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := withParts(t, "import sys; from mlflow_serve import oom; print(oom.kills(sys.argv[1]))", root); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
