package result

import "mlflow-server/bench/stats"

// Verdict is whether a figure is as expected.
type Verdict string

// The verdicts. Inconclusive is an honest answer: the limit lies within what was measured.
const (
	Met          Verdict = "met"
	Missed       Verdict = "missed"
	Inconclusive Verdict = "inconclusive"
)

// Expectation is what a figure was expected to be, and whether it is.
type Expectation struct {
	// Of is what the limit is for: "ratio", "value" or "median".
	Of string `json:"of"`
	// Limit is the least when AtLeast, else the most.
	Limit   float64 `json:"limit"`
	AtLeast bool    `json:"at_least"`
	Verdict Verdict `json:"verdict"`
}

// enough confidence for a verdict on a ratio, which takes five samples (0.9375).
const enough = 0.9

// RatioAtLeast expects the true ratio to be no less than limit: the verdict is by its interval. Without a ratio nothing is
// expected.
func (f Figure) RatioAtLeast(limit float64) Figure {
	if f.Ratio != nil {
		sure := f.Ratio.Confidence >= enough
		f.Expectation = &Expectation{Of: "ratio", Limit: limit, AtLeast: true,
			Verdict: verdict(sure && f.Ratio.Low >= limit, sure && f.Ratio.High < limit)}
	}
	return f
}

// RatioAtMost expects the true ratio to be no more than limit, like RatioAtLeast.
func (f Figure) RatioAtMost(limit float64) Figure {
	if f.Ratio != nil {
		sure := f.Ratio.Confidence >= enough
		f.Expectation = &Expectation{Of: "ratio", Limit: limit,
			Verdict: verdict(sure && f.Ratio.High <= limit, sure && f.Ratio.Low > limit)}
	}
	return f
}

// ValueAtMost expects no sample of ours to be more than limit.
func (f Figure) ValueAtMost(limit float64) Figure {
	f.Expectation = &Expectation{Of: "value", Limit: limit, Verdict: verdict(f.Ours.High <= limit, f.Ours.Low > limit)}
	return f
}

// MedianAtMost expects the true median of ours to be no more than limit: the verdict is by its interval.
func (f Figure) MedianAtMost(limit float64) Figure {
	i := stats.MedianInterval(f.Ours.Samples)
	sure := i.Confidence >= enough
	f.Expectation = &Expectation{Of: "median", Limit: limit, Verdict: verdict(sure && i.High <= limit, sure && i.Low > limit)}
	return f
}

func verdict(allMeet, noneMeets bool) Verdict {
	switch {
	case allMeet:
		return Met
	case noneMeets:
		return Missed
	default:
		return Inconclusive
	}
}
