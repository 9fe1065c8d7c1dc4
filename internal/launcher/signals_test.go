package launcher

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
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
			synctest.Test(t, func(t *testing.T) {
				incoming := make(chan os.Signal, 2)
				s := heed(t.Context(), tt.onDyno, incoming)
				defer s.stop()
				forced := func() bool {
					synctest.Wait()
					select {
					case <-s.forced:
						return true
					default:
						return false
					}
				}
				if forced(); s.ctx.Err() != nil {
					t.Fatal("it ends without a signal")
				}
				incoming <- syscall.SIGTERM
				if forced() || s.ctx.Err() == nil {
					t.Fatal("the first signal does not end it, or forces")
				}
				time.Sleep(echo)
				incoming <- tt.second
				if forced() {
					t.Fatal("an echo forces")
				}
				time.Sleep(time.Nanosecond)
				incoming <- tt.second
				if forced() != tt.forces {
					t.Errorf("it forces: %v", !tt.forces)
				}
			})
		})
	}
}

func TestBothSignalsAreListenedFor(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			s := listenForSignals(t.Context(), false)
			defer s.stop()
			if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
				t.Fatal(err)
			}
			select {
			case <-s.ctx.Done():
			case <-time.After(patience):
				t.Error("it does not end")
			}
		})
	}
}
