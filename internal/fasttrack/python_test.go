package fasttrack

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestNumbersAreWrittenAsPythonDoes(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 0.1: "0.1", 1e15: "1000000000000000.0", 1e16: "1e+16", 123456789012345680: "1.2345678901234568e+17",
		0.0001: "0.0001", 0.00001: "1e-05", 5e-324: "5e-324", math.MaxFloat64: "1.7976931348623157e+308", math.Inf(1): `"Infinity"`,
		math.Inf(-1): `"-Infinity"`, math.Copysign(0, -1): "-0.0",
	} {
		if f == 0 {
			want = map[bool]string{true: "-0.0", false: "0.0"}[math.Signbit(f)]
		}
		if got := string(appendDouble(nil, f)); got != want {
			t.Errorf("%v is %s, want %s", f, got, want)
		}
	}
	if got := string(appendDouble(nil, math.NaN())); got != `"NaN"` {
		t.Error(got)
	}
}

// TestRandomValuesAreWrittenAsPythonDoes asks Python itself. It does without e2e/harness, which Heroku CI does not have
// (.slugignore).
func TestRandomValuesAreWrittenAsPythonDoes(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable, not secret
	var bits, want []string
	for range 5000 {
		f := math.Float64frombits(random.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		bits, want = append(bits, strconv.FormatUint(math.Float64bits(f), 10)), append(want, string(appendDouble(nil, f)))
	}
	text := "\x00\x01\x7f\u0080é\u2028\ud7ff\ue000\uffff\U0001f600<&>/\"\\\b\f\n\r\t"
	want = append(want, string(appendString(nil, text)))
	program := `import json, struct, sys
for bits in sys.stdin.read().split():
    print(json.dumps(struct.unpack("<d", struct.pack("<Q", int(bits)))[0]))
print(json.dumps("\x00\x01\x7f\u0080\u00e9\u2028\ud7ff\ue000\uffff\U0001f600<&>/\"\\\b\f\n\r\t"))`
	command := exec.CommandContext(t.Context(), python, "-c", program)
	command.Stdin = strings.NewReader(strings.Join(bits, "\n"))
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines for %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("Python writes %s, the native path %s", got[i], want[i])
		}
	}
}
