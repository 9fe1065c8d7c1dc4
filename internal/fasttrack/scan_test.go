package fasttrack

import (
	"encoding/json"
	"math"
	"testing"
)

func TestOnlyPlainMetricsAreRead(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	good := `"run_uuid": "` + id + `", "run_id": "` + id + `", "key": "loss", "timestamp": 5, "step": 2`
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"as the Python client sends it", `{` + good + `, "value": 0.5}`, true},
		{"a whole number", `{` + good + `, "value": 12}`, true},
		{"no number", `{` + good + `, "value": "NaN"}`, true},
		{"infinity", `{` + good + `, "value": "-Infinity"}`, true},
		{"without a step", `{"run_id": "` + id + `", "key": "a", "value": 1, "timestamp": 1}`, true},
		{"with escapes", `{"run_id": "` + id + `", "key": "\u0061\/b", "value": 1e-3, "timestamp": 1}`, true},

		{"a number as a string", `{` + good + `, "value": "0.5"}`, false},
		{"a number that is too large", `{` + good + `, "value": 1e309}`, false},
		{"an int without a sign of its own", `{` + good + `, "value": -0}`, false},
		{"a bare NaN", `{` + good + `, "value": NaN}`, false},
		{"a leading zero", `{` + good + `, "value": 01}`, false},
		{"nothing after the point", `{` + good + `, "value": 1.}`, false},
		{"null", `{` + good + `, "value": null}`, false},
		{"a field twice", `{` + good + `, "value": 1, "value": 1}`, false},
		{"protobuf's other name", `{` + good + `, "value": 1, "runId": "` + id + `"}`, false},
		{"another case", `{` + good + `, "Value": 1}`, false},
		{"a model", `{` + good + `, "value": 1, "model_id": "m-1"}`, false},
		{"another run_uuid", `{"run_uuid": "x", "run_id": "` + id + `", "key": "a", "value": 1, "timestamp": 1}`, false},
		{"without a timestamp", `{"run_id": "` + id + `", "key": "a", "value": 1}`, false},
		{"a negative timestamp", `{"run_id": "` + id + `", "key": "a", "value": 1, "timestamp": -1}`, false},
		{"a fraction of a step", `{"run_id": "` + id + `", "key": "a", "value": 1, "timestamp": 1, "step": 1.0}`, false},
		{"a step of more than 64 bits", `{"run_id": "` + id + `", "key": "a", "value": 1, "timestamp": 1, "step": 9223372036854775808}`, false},
		{"half a surrogate pair", `{"run_id": "` + id + `", "key": "\ud83d", "value": 1, "timestamp": 1}`, false},
		{"what is no UTF-8", "{\"run_id\": \"" + id + "\", \"key\": \"\xff\", \"value\": 1, \"timestamp\": 1}", false},
		{"a byte order mark", "\ufeff{" + good + `, "value": 1}`, false},
		{"something after the end", `{` + good + `, "value": 1} x`, false},
		{"a comma at the end", `{` + good + `, "value": 1,}`, false},
		{"cut off", `{` + good + `, "value": 1`, false},
		{"nothing", ``, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, ok := parseLogMetric([]byte(tt.body)); ok != tt.want {
				t.Errorf("%v for %s", ok, tt.body)
			}
		})
	}
}

func TestNamesThatCouldBePathsElsewhereAreMLflows(t *testing.T) {
	for name, want := range map[string]bool{
		"loss": true, "a/b": true, "val loss": true, "x:y-z_1.0": true, "...": false, ".a": true, "a..b": true,
		"": false, "/a": false, "a/": false, "a//b": false, ".": false, "..": false, "./a": false, "a/./b": false, "a/../b": false,
		"..a": false, "é": false, "a\n": false, "a,b": false,
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// FuzzTheScanner holds the scanner against encoding/json: what it accepts is JSON and means the same.
func FuzzTheScanner(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u00e9\n"`, `"\ud83d\ude00"`, `-1.5e3`, `12`, `-0`, `"\`, `1e999`, `"NaN"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := &scanner{text: text}
		if got, ok := s.str(); ok && s.end() {
			var want string
			if err := json.Unmarshal(text, &want); err != nil || got != want {
				t.Errorf("%q is read as %q, not %q (%v)", text, got, want, err)
			}
		}
		s = &scanner{text: text}
		if got, ok := s.double(); ok && s.end() && !math.IsNaN(got) && !math.IsInf(got, 0) {
			var want float64
			if err := json.Unmarshal(text, &want); err != nil || got != want {
				t.Errorf("%q is read as %v, not %v (%v)", text, got, want, err)
			}
		}
		s = &scanner{text: text}
		if got, ok := s.integer(); ok && s.end() {
			var want int64
			if err := json.Unmarshal(text, &want); err != nil || got != want {
				t.Errorf("%q is read as %v, not %v (%v)", text, got, want, err)
			}
		}
	})
}
