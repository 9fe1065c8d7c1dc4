package lifecycle

import "math"

// line fits a straight line to points by least squares.
type line struct{ x, y []float64 }

func (l *line) add(x, y float64) { l.x, l.y = append(l.x, x), append(l.y, y) }

func (l *line) mean() float64 { return mean(l.y) }

// slope is in units of y per unit of x; 0 for fewer than two points.
func (l *line) slope() float64 {
	mx, my := mean(l.x), mean(l.y)
	var xy, xx float64
	for i := range l.x {
		xy += (l.x[i] - mx) * (l.y[i] - my)
		xx += (l.x[i] - mx) * (l.x[i] - mx)
	}
	if xx == 0 {
		return 0
	}
	return xy / xx
}

// error is the slope's standard error: how much of it noise alone explains.
func (l *line) error() float64 {
	if len(l.x) < 3 {
		return math.NaN()
	}
	mx, my, b := mean(l.x), mean(l.y), l.slope()
	var rest, xx float64
	for i := range l.x {
		d := l.y[i] - my - b*(l.x[i]-mx)
		rest += d * d
		xx += (l.x[i] - mx) * (l.x[i] - mx)
	}
	return math.Sqrt(rest / float64(len(l.x)-2) / xx)
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
