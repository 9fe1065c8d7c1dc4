package users

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// occupy takes every turn that is free, until release is called.
func occupy(t *testing.T, l *line) (release func()) {
	t.Helper()
	var leave []func()
	for l.turnsLeft() > 0 {
		l, err := l.enter(t.Context(), Origin{Key: uint64(1<<40 + len(leave))})
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	return func() {
		for _, l := range leave {
			l()
		}
	}
}

func (l *line) turnsLeft() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free
}

func (l *line) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

// await waits until so many attempts stand in line.
func (l *line) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); l.length() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d wait, want %d", l.length(), n)
		}
	}
}

func TestWhoHasTheLeastAgainstItGoesFirst(t *testing.T) {
	l := newLine(1)
	release := occupy(t, l)
	var mu sync.Mutex
	var order []string
	var group sync.WaitGroup
	for i, a := range []struct {
		name string
		from Origin
	}{
		{"guesser", Origin{1, 60}}, {"one of many", Origin{2, 0}}, {"another of many", Origin{2, 0}}, {"another still", Origin{2, 0}},
		{"typed wrong once", Origin{3, 1}}, {"clean", Origin{4, 0}}, {"clean, later", Origin{5, 0}}, {"been here before", Origin{6, -1000}},
		{"guesser, later", Origin{7, 60}},
	} {
		group.Go(func() {
			leave, err := l.enter(t.Context(), a.from)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, a.name)
			mu.Unlock()
			leave()
		})
		l.await(t, i+1)
	}
	release()
	group.Wait()
	want := []string{"been here before", "clean", "clean, later", "typed wrong once", "one of many", "another of many", "another still",
		"guesser", "guesser, later"}
	for i, name := range want {
		if i >= len(order) || order[i] != name {
			t.Fatalf("%q, want %q", order, want)
		}
	}
	if len(l.origins) != 0 || l.free != 1 {
		t.Errorf("%d origins are still counted, %d turns are free", len(l.origins), l.free)
	}
}

func TestAFullLineMakesRoomForWhoIsCleaner(t *testing.T) {
	l := newLine(1)
	release := occupy(t, l)
	errs := make(chan error, maxWaiting)
	for i := range maxWaiting {
		go func() {
			leave, err := l.enter(t.Context(), Origin{Key: uint64(i), Doubt: 1})
			if err == nil {
				leave()
			}
			errs <- err
		}()
	}
	l.await(t, maxWaiting)
	if _, err := l.enter(t.Context(), Origin{Key: 1000, Doubt: 1}); !errors.Is(err, errBusy) {
		t.Errorf("one who is no cleaner got in: %v", err)
	}
	entered := make(chan error)
	go func() {
		leave, err := l.enter(t.Context(), Origin{Key: 2000})
		if err == nil {
			leave()
		}
		entered <- err
	}()
	if err := <-errs; !errors.Is(err, errBusy) { // before any turn has ended
		t.Errorf("the last one was sent away with %v", err)
	}
	release()
	if err := <-entered; err != nil {
		t.Errorf("the clean one: %v", err)
	}
	for range maxWaiting - 1 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestOneOriginHasFewAttemptsUnderWay(t *testing.T) {
	l := newLine(1)
	release := occupy(t, l)
	errs := make(chan error)
	const attempts = 100
	for range attempts {
		go func() {
			leave, err := l.enter(t.Context(), Origin{Key: 1})
			if err == nil {
				leave()
			}
			errs <- err
		}()
	}
	for range attempts - maxPerOrigin {
		if err := <-errs; !errors.Is(err, errBusy) {
			t.Fatal(err)
		}
	}
	l.await(t, maxPerOrigin)
	release()
	for range maxPerOrigin {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestATurnIsNotLostWithWhoGivesUp(t *testing.T) {
	l := newLine(2)
	var group sync.WaitGroup
	for i := range 500 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if leave, err := l.enter(ctx, Origin{Key: uint64(i)}); err == nil {
				leave()
			}
		})
	}
	group.Wait()
	if l.free != 2 || len(l.waiting) != 0 || len(l.origins) != 0 {
		t.Errorf("%d turns are free, %d wait, %d origins are counted", l.free, len(l.waiting), len(l.origins))
	}
}
