// Package stats reduces samples to what a report says: a middle, a spread, and for ratios an interval that holds the true
// one with a known confidence.
//
// Everything here is by rank. On a machine that others use too, a sample is now and then far off; a mean would follow it.
package stats

import (
	"math"
	"slices"
)

// Spread is a set of samples in short.
type Spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Of reduces samples to their median, lowest and highest. None give zeros.
func Of(samples []float64) Spread {
	if len(samples) == 0 {
		return Spread{}
	}
	s := slices.Sorted(slices.Values(samples))
	return Spread{Median: Quantile(s, 0.5), Low: s[0], High: s[len(s)-1]}
}

// Quantile is the value below which a part of the sorted samples lies, interpolated between neighbours.
func Quantile(sorted []float64, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := part * float64(len(sorted)-1)
	below := int(math.Floor(at))
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

// Interval holds the true median of what samples were drawn from with the given confidence.
type Interval struct {
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
}

// MedianInterval is the narrowest pair of samples, equally far from both ends, between which the true median lies with a
// confidence of at least 95 %. It assumes nothing about the distribution: a sample is above the median with probability
// one half, so the number of them that are is binomial (the sign test's interval). Fewer than six samples cannot give 95 %;
// then it is the lowest and the highest with the confidence that they do give.
func MedianInterval(samples []float64) Interval {
	n := len(samples)
	if n == 0 {
		return Interval{}
	}
	s := slices.Sorted(slices.Values(samples))
	best := Interval{Low: s[0], High: s[n-1], Confidence: coverage(n, 0)}
	for k := 1; k < n-1-k; k++ {
		c := coverage(n, k)
		if c < 0.95 {
			break
		}
		best = Interval{Low: s[k], High: s[n-1-k], Confidence: c}
	}
	return best
}

// coverage is the probability that the median lies between the k-th lowest and the k-th highest of n samples, from 0.
func coverage(n, k int) float64 {
	tail, choose := 0.0, 1.0 // of at most k heads in n throws
	for i := 0; i <= k; i++ {
		tail += choose
		choose *= float64(n-i) / float64(i+1)
	}
	return max(0, 1-2*tail*math.Pow(0.5, float64(n)))
}
