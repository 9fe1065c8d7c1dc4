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

func TestAnMLflowWithKnownHolesIsTooOld(t *testing.T) {
	for version, want := range map[string]bool{
		"2.9.2": true, "3.16.0": true, "3.16": true, "3.16.1rc1": true, "3.16.1a1": true, "3.16.1.dev0": true,
		"3.16.1": false, "3.16.1.post1": false, "3.16.10": false, "3.17.2": false, "3.18.0rc1": false, "4.0": false,
	} {
		if TooOld(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
	if TooOld(LockedMLflowVersion()) {
		t.Error("the locked one is too old")
	}
}
