package tracking_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"mlflow-server/internal/provision"
	"mlflow-server/internal/tracking"
)

// playLauncher runs a server until it is killed, and prints a worker's process number as soon as it is ready.
func playLauncher(text string) {
	var o tracking.Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	installed, err := provision.Find("") // JSON has dropped its unexported part
	if err != nil {
		panic(err)
	}
	installed.Locked = o.Runtime.Locked
	o.Runtime, o.Output = installed, os.Stderr
	s, err := tracking.New(o)
	if err != nil {
		panic(err)
	}
	go func() {
		for !s.Status().Ready {
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Println(s.Status().Workers[0].PID)
	}()
	fmt.Fprintln(os.Stderr, s.Run(context.Background()))
	os.Exit(1)
}

func TestNothingOutlivesAKilledLauncher(t *testing.T) {
	for _, tt := range []struct {
		name      string
		locked    bool
		processes int // at least
	}{
		{"workers forked from one parent", true, 3},
		{"MLflow's public command line", false, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t)
			o.Workers, o.Runtime.Locked = 2, tt.locked
			text, err := json.Marshal(struct {
				tracking.Options
				Draining, Forced any `json:",omitempty"` // in the place of channels, which JSON cannot have
			}{Options: o})
			if err != nil {
				t.Fatal(err)
			}
			launcher := exec.Command(os.Args[0])
			temp, err := os.MkdirTemp("", "e2e-") // what a killed launcher cannot remove
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temp)
			launcher.Env = append(os.Environ(), launcherVariable+"="+string(text), "TMPDIR="+temp)
			log := &log{}
			launcher.Stderr = log
			out, err := launcher.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := launcher.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = launcher.Process.Kill(); _ = launcher.Wait() }()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("the launcher never became ready: %v\n%s", err, log)
			}
			pid, _ := strconv.Atoi(line[:len(line)-1])
			processes := group(t, pid)
			if len(processes) < tt.processes {
				t.Errorf("processes: %v", processes)
			}
			if err := launcher.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			gone(t, processes)
		})
	}
}
