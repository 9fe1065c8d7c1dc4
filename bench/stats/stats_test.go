package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestASpreadIsMiddleAndEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []float64
		want    Spread
	}{
		{"nothing", nil, Spread{}},
		{"one", []float64{3}, Spread{3, 3, 3}},
		{"odd and unsorted", []float64{9, 1, 4}, Spread{4, 1, 9}},
		{"even", []float64{1, 2, 3, 10}, Spread{2.5, 1, 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Of(c.samples); got != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestQuantilesLieBetweenSamples(t *testing.T) {
	sorted := []float64{0, 10, 20, 30, 40}
	for part, want := range map[float64]float64{0: 0, 0.5: 20, 0.99: 39.6, 1: 40} {
		if got := Quantile(sorted, part); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v: %v, want %v", part, got, want)
		}
	}
}

// The ranks are those of the tables for the sign test: 6 samples are the fewest for 95 %, 10 leave out one at each end,
// 20 five.
func TestTheIntervalKnowsItsConfidence(t *testing.T) {
	for _, c := range []struct {
		n          int
		low, high  float64
		confidence float64
	}{
		{1, 0, 0, 0}, {2, 0, 1, 0.5}, {3, 0, 2, 0.75}, {5, 0, 4, 0.9375}, {6, 0, 5, 0.96875},
		{10, 1, 8, 0.978515625}, {20, 5, 14, 0.958610534667969},
	} {
		samples := make([]float64, c.n)
		for i := range samples {
			samples[i] = float64(i)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(c.n, func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		got := MedianInterval(samples)
		if got.Low != c.low || got.High != c.high || math.Abs(got.Confidence-c.confidence) > 1e-9 {
			t.Errorf("%d samples: %+v", c.n, got)
		}
	}
	if got := MedianInterval(nil); got != (Interval{}) {
		t.Errorf("nothing: %+v", got)
	}
}

func TestTheIntervalHoldsTheMedianAsOftenAsItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const rounds = 4000
	held := 0
	for range rounds {
		samples := make([]float64, 12)
		for i := range samples {
			samples[i] = math.Exp(random.NormFloat64()) // lopsided; its median is 1
		}
		if in := MedianInterval(samples); in.Low <= 1 && 1 <= in.High {
			held++
		}
	}
	if part := float64(held) / rounds; part < 0.95 || part > 0.975 { // 0.9614 by the table
		t.Errorf("held in %v of the rounds", part)
	}
}
