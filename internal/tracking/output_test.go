package tracking

import (
	"errors"
	"strings"
	"testing"
)

func TestOutputIsCopiedLineByLine(t *testing.T) {
	long := strings.Repeat("é", maxOutputLine)
	for _, tt := range []struct{ name, in, want string }{
		{"each line gets the prefix", "a\nb\n", "mlflow | a\nmlflow | b\n"},
		{"a last line without an end is one", "a", "mlflow | a\n"},
		{"an empty line stays", "\n", "mlflow | \n"},
		{"Windows line ends", "a\r\n", "mlflow | a\n"},
		{"secrets are taken out", "to postgresql://u:p@ss@h/d\n", "mlflow | to postgresql://u:[redacted]@h/d\n"},
		{"a long line is cut", long + "\nb\n", "mlflow | " + long[:maxOutputLine] + " … (16384 bytes more)\nmlflow | b\n"},
		{"a long last line too", long, "mlflow | " + long[:maxOutputLine] + " … (16384 bytes more)\n"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			copyLines(&out, strings.NewReader(tt.in), newScrubber(""))
			if out.String() != tt.want {
				t.Errorf("got %.300q, want %.300q", out.String(), tt.want)
			}
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestOutputIsReadToItsEndWhenItCannotBeWritten(t *testing.T) {
	in := strings.NewReader(strings.Repeat("line\n", 10_000))
	copyLines(brokenWriter{}, in, newScrubber(""))
	if in.Len() != 0 {
		t.Errorf("%d bytes were not read", in.Len())
	}
}
