package artifacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"mlflow-server/bench/result"
)

const (
	ours   = "gate"
	theirs = "MLflow's proxy"
)

// oneAtATime measures single transfers.
func (b *bench) oneAtATime(ctx context.Context) error {
	for _, c := range []struct {
		size  int64
		times int
		main  bool
	}{{b.scale.Small, b.scale.Smalls, false}, {b.scale.Large, b.scale.Larges, true}, {b.scale.Huge, b.scale.Huges, false}} {
		if c.size == 0 {
			continue
		}
		title := size(c.size)
		b.say(title + ", one at a time")
		var up, down, last, first [2][]float64
		for i := range c.times {
			for n, s := range []server{b.gate, b.proxy} {
				name := "one/" + title + "-" + strconv.Itoa(i)
				m, err := s.up(ctx, name, c.size, false)
				if err != nil {
					return err
				}
				d, err := s.down(ctx, name, c.size, false)
				if err != nil {
					return err
				}
				up[n], down[n] = append(up[n], rate(c.size, m.took)), append(down[n], rate(c.size, d.took))
				last[n], first[n] = append(last[n], m.answered.Seconds()), append(first[n], d.answered.Seconds())
			}
		}
		upward, downward := beside("up, "+title, "MB/s", up), beside("down, "+title, "MB/s", down)
		if c.main {
			upward, downward = upward.RatioAtLeast(2.5), downward.RatioAtLeast(2)
		}
		b.r.Figures = append(b.r.Figures, upward, downward)
		if c.main {
			b.r.Figures = append(b.r.Figures, beside("last byte to answer, "+title, "s", last), beside("first byte, "+title, "s", first).RatioAtMost(0.1))
		}
	}
	return nil
}

func beside(name, unit string, samples [2][]float64) result.Figure {
	return result.Beside(name, unit, result.Of(ours, samples[0]...), result.Of(theirs, samples[1]...))
}

func size(n int64) string {
	if n%(1<<30) == 0 {
		return strconv.FormatInt(n>>30, 10) + " GB"
	}
	return strconv.FormatFloat(float64(n)/mega, 'g', 4, 64) + " MB"
}

// together measures several uploads at once, and what memory they take.
func (b *bench) together(ctx context.Context) error {
	title := fmt.Sprintf("%d × %s at once", b.scale.Together, size(b.scale.Shared))
	b.say(title)
	var speed, above [2][]float64
	for n, s := range []server{b.gate, b.proxy} {
		idle, err := s.memory()
		if err != nil {
			return err
		}
		stop := watch(s, idle)
		began := time.Now()
		err = b.parallel(b.scale.Together, func(i int) error {
			_, err := s.up(ctx, "together/"+strconv.Itoa(i), b.scale.Shared, false)
			return err
		})
		took := time.Since(began)
		peak, watched := stop()
		if err = errors.Join(err, watched); err != nil {
			return err
		}
		speed[n] = append(speed[n], rate(int64(b.scale.Together)*b.scale.Shared, took))
		above[n] = append(above[n], peak-idle)
	}
	memory := beside("memory of all processes above idle, "+title, "MB", above)
	memory = memory.ValueAtMost(64)
	b.r.Figures = append(b.r.Figures, beside("up, "+title, "MB/s", speed), memory)
	return nil
}

// watch takes the memory again and again until stop, which returns the most.
func watch(s server, least float64) (stop func() (float64, error)) {
	done := make(chan struct{})
	var running sync.WaitGroup
	var failed error
	running.Go(func() {
		for {
			now, err := s.memory()
			least, failed = max(least, now), errors.Join(failed, err)
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	return func() (float64, error) {
		close(done)
		running.Wait()
		return least, failed
	}
}

func (b *bench) parallel(n int, do func(int) error) error {
	var running sync.WaitGroup
	failed := make([]error, n)
	for i := range n {
		running.Go(func() { failed[i] = do(i) })
	}
	running.Wait()
	return errors.Join(failed...)
}

// whole sends a very large file through the gate and fetches it again.
func (b *bench) whole(ctx context.Context) error {
	if b.scale.Whole == 0 {
		return nil
	}
	title := size(b.scale.Whole)
	b.say(title + ", up and down")
	idle, err := b.gate.memory()
	if err != nil {
		return err
	}
	stop := watch(b.gate, idle)
	up, err := b.gate.up(ctx, "whole", b.scale.Whole, true)
	var down moved
	if err == nil {
		down, err = b.gate.down(ctx, "whole", b.scale.Whole, true)
	}
	peak, watched := stop()
	if err = errors.Join(err, watched); err != nil {
		return fmt.Errorf("%w; the end of the server's log:\n%s\nand of the store's:\n%s", err, b.gate.Tail(5), b.store.Tail(5))
	}
	if !bytes.Equal(up.sum, down.sum) {
		return fmt.Errorf("%s came back with another SHA-256", title)
	}
	b.r.Notes = append(b.r.Notes, title+" went up and came back with the same SHA-256.")
	b.r.Figures = append(b.r.Figures, result.Alone("up, "+title, "MB/s", result.Of(ours, rate(b.scale.Whole, up.took))),
		result.Alone("down, "+title, "MB/s", result.Of(ours, rate(b.scale.Whole, down.took))),
		result.Alone("last byte to answer, "+title, "s", result.Of(ours, up.answered.Seconds())),
		result.Alone("memory of all processes above idle, "+title, "MB", result.Of(ours, peak-idle)).ValueAtMost(64))
	return nil
}
