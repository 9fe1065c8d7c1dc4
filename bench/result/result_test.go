package result

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestVerdictsFollowTheInterval(t *testing.T) {
	ours := func(samples ...float64) Figure {
		theirs := make([]float64, len(samples))
		for i := range theirs {
			theirs[i] = 100
		}
		return Beside("rate", "1/s", Of("a", samples...), Of("b", theirs...))
	}
	for _, c := range []struct {
		name   string
		figure Figure
		want   Verdict
	}{
		{"all above the limit", ours(98, 99, 98, 99, 98, 99).RatioAtLeast(0.97), Met},
		{"all below the limit", ours(95, 96, 95, 96, 95, 96).RatioAtLeast(0.97), Missed},
		{"the limit in between", ours(95, 96, 99, 99, 99, 99).RatioAtLeast(0.97), Inconclusive},
		{"one outlier in ten does not decide", ours(50, 98, 98, 98, 98, 98, 99, 99, 99, 99).RatioAtLeast(0.97), Met},
		{"too few samples", ours(99, 99, 99, 99).RatioAtLeast(0.97), Inconclusive},
		{"all below the most", ours(150, 151, 152, 150, 151, 152).RatioAtMost(2), Met},
		{"all above the most", ours(250, 251, 252, 250, 251, 252).RatioAtMost(2), Missed},
		{"the most in between", ours(150, 250, 150, 250, 150, 250).RatioAtMost(2), Inconclusive},
		{"a value within", Alone("m", "MB", Of("a", 279, 280)).ValueAtMost(280), Met},
		{"a value beyond", Alone("m", "MB", Of("a", 281, 290)).ValueAtMost(280), Missed},
		{"values on both sides", Alone("m", "MB", Of("a", 279, 281)).ValueAtMost(280), Inconclusive},
		{"a median within, whatever the largest", Alone("t", "ms", Of("a", 100, 110, 120, 130, 140, 150, 160, 170, 900)).MedianAtMost(300), Met},
		{"a median beyond", Alone("t", "ms", Of("a", 310, 320, 330, 340, 350, 360)).MedianAtMost(300), Missed},
		{"a median that few samples do not tell", Alone("t", "ms", Of("a", 100, 110)).MedianAtMost(300), Inconclusive},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.figure.Expectation.Verdict; got != c.want {
				t.Errorf("%s: %+v", got, c.figure.Ratio)
			}
		})
	}
	if f := Alone("rate", "", Of("a", 1)).RatioAtLeast(0.97); f.Expectation != nil {
		t.Error("without a ratio there is nothing to judge")
	}
}

func TestNumbersAreShort(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1739.4: "1,739", 1234567: "1,234,567", 999: "999", 99.96: "100", 12.34: "12.3", 5: "5", 2.345: "2.35", 0.98765: "0.988",
		1.0149: "1.015", 0.5: "0.5", 0.01234: "0.0123", -1500: "-1,500",
	} {
		if got := Number(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

func example() Result {
	return Result{
		Claim: "example", Title: "An example", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 61.2,
		Machine:  Machine{CPU: "Some CPU", Cores: 2, Memory: 24105, OS: "linux/amd64", Kernel: "6.1", Load: 0.25},
		Versions: map[string]string{"mlflow": "3.17.2", "Go": "1.26.5"},
		Setup:    []string{"Eight connections."}, Notes: []string{"Nothing failed."},
		Figures: []Figure{
			Beside("requests per second", "1/s", Of("gate", 150, 148, 149), Of("direct", 151, 150, 149)).RatioAtLeast(0.97),
			Beside("boot", "s", Of("gate", 4.1), Of("mlflow server", 12.3)),
			Alone("memory", "MB", Of("gate", 290, 292)).ValueAtMost(280),
			Alone("nothing", "", Of("gate")),
		},
	}
}

const exampleMarkdown = `## An example

| | mlflow-server | beside it | ratio | expected | |
|-|-|-|-|-|-|
| requests per second, 1/s | 149 (148–150) | direct: 150 (149–151) | 0.993 (0.987–1, 75 %) | ratio ≥ 0.97 | **inconclusive** |
| boot, s | 4.1 | mlflow server: 12.3 | 0.333 | – |  |
| memory, MB | 291 (290–292) | – | – | ≤ 280 | **missed** |
| nothing | – | – | – | – |  |

- Eight connections.
- Nothing failed.
- Measured on 2026-01-02 03:04 UTC in 61 s: 2 cores of Some CPU, 24,105 MB, linux/amd64, kernel 6.1, load average before it 0.2; Go 1.26.5, mlflow 3.17.2.
`

func TestAResultReadsWell(t *testing.T) {
	if got := example().Markdown(); got != exampleMarkdown {
		t.Errorf("got:\n%s", got)
	}
}

func TestAResultIsTheSameAfterAWhileInAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	name, err := example().Save(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir, "example")
	if err != nil {
		t.Fatal(err)
	}
	if got.Markdown() != exampleMarkdown {
		t.Errorf("%s:\n%s", name, got.Markdown())
	}
	if _, err := Load(dir, "other"); !os.IsNotExist(err) && err == nil {
		t.Error("no error for a result that is not there")
	}
}

func TestABusyMachineIsRemarked(t *testing.T) {
	if quiet, busy := (Machine{Cores: 2, Load: 1.5}).Remarks(), (Machine{Cores: 2, Load: 1.6}).Remarks(); len(quiet) != 0 || len(busy) != 1 {
		t.Errorf("%q, %q", quiet, busy)
	}
}

func TestTheMachineIsDescribed(t *testing.T) {
	m := ThisMachine()
	if m.Cores < 1 || m.OS == "" {
		t.Errorf("%+v", m)
	}
}
