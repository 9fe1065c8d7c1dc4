package tracking

import (
	"slices"
	"strings"
	"testing"
)

func TestEventsAreReadWhateverElseIsOnThePipe(t *testing.T) {
	for _, tt := range []struct {
		name, pipe string
		want       []event
	}{
		{"one per line", `{"event":"phase","phase":"database","left":41,"reason":"refused","endpoint":"db:1"}` + "\n" +
			`{"event":"worker","worker":1,"pid":7,"network":"unix","address":"/s"}` + "\n",
			[]event{
				{Event: "phase", Phase: "database", Left: 41, Reason: "refused", Endpoint: "db:1"},
				{Event: "worker", Worker: 1, PID: 7, Network: "unix", Address: "/s"},
			}},
		{"what is none is skipped", "hello\n{}\n[1]\n{\"event\":\"died\",\"pid\":7}\n", []event{{Event: "died", PID: 7}}},
		{"half a line at the end", `{"event":"died","pid":7}` + "\n" + `{"event":"fat`, []event{{Event: "died", PID: 7}}},
		{"nothing", "", nil},
		{"a line without an end", `{"event":"died","pid":7}` + "\n" + strings.Repeat("x", 3*maxEvent), []event{{Event: "died", PID: 7}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := make(chan event, 10)
			readEvents(strings.NewReader(tt.pipe), out)
			close(out)
			if got := slices.Collect(values(out)); !slices.Equal(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func values(in <-chan event) func(func(event) bool) {
	return func(yield func(event) bool) {
		for e := range in {
			if !yield(e) {
				return
			}
		}
	}
}
