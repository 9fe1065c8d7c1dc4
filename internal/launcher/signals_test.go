package launcher

import (
	"syscall"
	"testing"
	"time"
)

func TestWhatASecondSignalDoes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		onDyno bool
		second syscall.Signal
		forces bool
	}{
		{"SIGTERM", false, syscall.SIGTERM, true},
		{"SIGINT", false, syscall.SIGINT, true},
		{"SIGTERM on a dyno", true, syscall.SIGTERM, false},
		{"SIGINT on a dyno", true, syscall.SIGINT, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listenForSignals(t.Context(), tt.onDyno)
			defer s.stop()
			send := func(signal syscall.Signal) {
				t.Helper()
				if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
					t.Fatal(err)
				}
			}
			send(syscall.SIGTERM)
			select {
			case <-s.ctx.Done():
			case <-time.After(patience):
				t.Fatal("the first signal does not end it")
			}
			send(tt.second) // an echo of the first one
			select {
			case <-s.forced:
				t.Fatal("an echo forces")
			case <-time.After(echo + 50*time.Millisecond):
			}
			send(tt.second)
			if tt.forces {
				select {
				case <-s.forced:
				case <-time.After(patience):
					t.Error("it does not force")
				}
				return
			}
			select {
			case <-s.forced:
				t.Error("it forces")
			case <-time.After(200 * time.Millisecond):
			}
		})
	}
}
