package provision

import "testing"

func TestVersionsAreComparedAsNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"0.9.30", "0.10.0", -1}, {"0.10", "0.10.0", 0}, {"0.12.5", "0.10.0", 1}, {"3.9.18", "3.10", -1},
		{"3.15.0rc1", "3.15", 0}, {"3.14.2", "3.15", -1}, {"1.0", "0.99.99", 1}, {"", "0.1", -1},
	} {
		if got := compareVersions(c.a, c.b); got < 0 != (c.want < 0) || got > 0 != (c.want > 0) {
			t.Errorf("compareVersions(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
