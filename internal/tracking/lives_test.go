package tracking

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryCrashLoopEndsInABoundedTime(t *testing.T) {
	const second = time.Second
	for _, tt := range []struct {
		name            string
		takes, readyFor time.Duration // of one life: until it is ready, and from then on
		within          time.Duration
		want            string
	}{
		{"dies at once", second, 0, 2 * time.Minute, "did not become ready in 5 starts"},
		{"is ready and dies at once", 5 * second, second, 5 * time.Minute, "ended within 1m0s of its start 10 times in a row"},
		{"dies just after it is stable", 5 * second, 11 * second, 3 * time.Minute, "ended within 1m0s of its start 10 times in a row"},
		{"starts slowly and dies soon", 4 * time.Minute, 30 * second, 50 * time.Minute, "10 times in a row"},
		{"is never ready, slowly", 5 * time.Minute, 0, 10*time.Minute + second, "did not become ready in 2 starts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				l := lives{timing: defaultTiming, lastReady: began}
				for time.Since(began) <= tt.within {
					time.Sleep(tt.takes + tt.readyFor)
					pause, err := l.after(outcome{readyFor: tt.readyFor, err: errors.New("it fell")})
					if err != nil {
						if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "it fell") {
							t.Errorf("it ends with %q", err)
						}
						return
					}
					time.Sleep(pause)
				}
				t.Errorf("it still goes on after %v", time.Since(began))
			})
		})
	}
}

func TestAServerWhoseMLflowDiesNowAndThenGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lives{timing: defaultTiming, lastReady: time.Now()}
		for range 100 {
			time.Sleep(2 * time.Minute)
			if pause, err := l.after(outcome{readyFor: 2 * time.Minute, err: errors.New("it fell")}); err != nil || pause != 0 {
				t.Fatalf("pause %v, %v", pause, err)
			}
		}
	})
}
