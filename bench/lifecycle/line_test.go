package lifecycle

import (
	"math"
	"testing"
)

func TestALineIsFitted(t *testing.T) {
	var l line
	for x := range 10 {
		l.add(float64(x), 3+2*float64(x))
	}
	if math.Abs(l.slope()-2) > 1e-9 || l.error() > 1e-9 || math.Abs(l.mean()-12) > 1e-9 {
		t.Errorf("slope %v ± %v, mean %v", l.slope(), l.error(), l.mean())
	}
	if one := (&line{x: []float64{1}, y: []float64{1}}); one.slope() != 0 || !math.IsNaN(one.error()) {
		t.Error("one point is no line")
	}
}
