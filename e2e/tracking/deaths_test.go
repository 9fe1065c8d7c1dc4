package tracking_test

import (
	"encoding/json"
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

print(json.dumps([
    lives(lambda: os._exit(9)),
    lives(lambda: os.kill(os.getpid(), signal.SIGSEGV)),
    lives(lambda: os.kill(os.getpid(), signal.SIGKILL)),
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
	for i, want := range []struct {
		of     string
		deaths int
	}{{"exit code 9", 20}, {"signal 11", 20}, {"signal 9", 200}} {
		if g := got[i]; g.Code != 3 || g.Deaths != want.deaths || len(g.Of) != 1 || g.Of[0] != want.of {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
}
