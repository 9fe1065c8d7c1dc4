package artifacts

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"mlflow-server/internal/config"
)

// enter takes a place that is free.
func enter(t *testing.T, p *places, user string) (release func()) {
	t.Helper()
	release, err := p.enter(t.Context(), user)
	if err != nil {
		t.Fatalf("%s: %v", user, err)
	}
	return release
}

func TestOneUserLeavesHalfOfThePlacesToTheOthers(t *testing.T) {
	p := newPlaces(8)
	p.patience = 10 * time.Millisecond
	var anns []func()
	for range 4 {
		anns = append(anns, enter(t, p, "ann"))
	}
	if _, err := p.enter(t.Context(), "ann"); err == nil {
		t.Fatal("ann has more than half")
	}
	p.patience = time.Minute
	got := make(chan func())
	go func() {
		release, err := p.enter(t.Context(), "ann")
		if err != nil {
			t.Error(err)
		}
		got <- release
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		waiting = len(p.waiting)
		p.mu.Unlock()
	}
	for range 2 { // past ann, who came before and has her share
		defer enter(t, p, "eve")()
	}
	anns[0]()
	(<-got)()
	for _, release := range anns[1:] {
		release()
	}
	if n := p.taken(); n != 2 {
		t.Errorf("%d places are taken at the end", n)
	}
}

func TestTheOnlyUserHasAllPlaces(t *testing.T) {
	room, err := New(Options{Artifacts: config.Artifacts{Kind: config.Directory, Path: t.TempDir()}, Service: config.ArtifactService{MaxTransfers: 8},
		OneUser: true, MLflow: &fakeMLflow{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		defer enter(t, room.limits.transfers, "ann")()
	}
}

func TestWhoeverLeavesOrIsSentAwayWaitsNoLonger(t *testing.T) {
	p := newPlaces(1)
	p.patience = time.Hour
	release := enter(t, p, "ann")
	ctx, cancel := context.WithCancelCause(t.Context())
	go cancel(errStopping)
	_, err := p.enter(ctx, "eve")
	var f *failure
	if !errors.As(err, &f) || f.status != http.StatusServiceUnavailable || !errors.Is(err, errStopping) {
		t.Errorf("%v", err)
	}
	release()
	if len(p.waiting) != 0 || p.taken() != 0 {
		t.Errorf("%d wait, %d are taken", len(p.waiting), p.taken())
	}
}

func TestAStopDoesNotWaitForATransferWithoutAPlace(t *testing.T) {
	r := start(t, config.ArtifactService{})
	r.room.limits.transfers = newPlaces(1)
	r.room.limits.transfers.patience = time.Hour
	release := enter(t, r.room.limits.transfers, "ann")
	defer release()
	answered := make(chan int)
	go func() {
		status, _, _ := r.send(t, "eve", "GET", base+"x", "")
		answered <- status
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		r.room.limits.transfers.mu.Lock()
		waiting = len(r.room.limits.transfers.waiting)
		r.room.limits.transfers.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.room.Close(ctx); err != nil {
		t.Error(err)
	}
	if status := <-answered; status != http.StatusServiceUnavailable {
		t.Errorf("who waited: %d", status)
	}
}
