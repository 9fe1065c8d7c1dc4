package tracking

import "testing"

func TestAWaitIsToldInWordsForPeople(t *testing.T) {
	for seconds, want := range map[int]string{
		0: "0 more seconds", 1: "1 more second", 41: "41 more seconds", 119: "119 more seconds", 120: "2 more minutes", 594: "10 more minutes", 3600: "60 more minutes",
	} {
		if got := more(seconds); got != want {
			t.Errorf("%d: %q, want %q", seconds, got, want)
		}
	}
}
