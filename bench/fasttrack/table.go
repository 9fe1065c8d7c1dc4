package fasttrack

import (
	"fmt"
	"slices"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
)

// cell is what one server did with one kind of request on so many connections, a sample for each turn.
type cell struct {
	rates    []float64 // good answers per second
	p50, p99 []time.Duration
}

func (c *cell) add(got load.Result) {
	c.rates = append(c.rates, float64(got.Requests-got.Failed)/got.Took.Seconds())
	c.p50, c.p99 = append(c.p50, got.P50), append(c.p99, got.P99)
}

// text is the medians of the samples.
func (c *cell) text(metrics int) string {
	rate := fmt.Sprintf("%.0f/s", median(c.rates))
	if median(c.rates) < 10 {
		rate = fmt.Sprintf("%.1f/s", median(c.rates))
	}
	if metrics > 1 {
		rate += fmt.Sprintf(" (%.0f metrics/s)", median(c.rates)*float64(metrics))
	}
	if median(c.rates) == 0 {
		return "no answer"
	}
	return rate + fmt.Sprintf(", %s / %s ms", milliseconds(median(c.p50)), milliseconds(median(c.p99)))
}

func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

func median[T float64 | time.Duration](samples []T) T {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}

// table is a result.Table that is filled a row at a time.
type table struct{ result.Table }

func (b *bench) table(title string) *table {
	head := []string{"call, connections"}
	for _, s := range b.all {
		head = append(head, s.name)
	}
	return &table{result.Table{Title: title, Head: head}}
}

func (t *table) add(w work, connections int, cells []cell) {
	row := []string{fmt.Sprintf("%s, %d", w.name, connections)}
	for _, c := range cells {
		row = append(row, c.text(w.metrics))
	}
	t.Rows = append(t.Rows, row)
}
