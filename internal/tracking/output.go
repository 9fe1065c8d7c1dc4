package tracking

import (
	"bufio"
	"fmt"
	"io"
)

const (
	outputPrefix = "mlflow | "
	// maxOutputLine bounds a line of the child's output in bytes; MLflow can print whole requests.
	maxOutputLine = 16 << 10
)

// copyLines copies the child's output line by line, each with the prefix and without secrets, until its end. It goes on
// reading when the writer fails: a child whose pipe is full would hang.
func copyLines(to io.Writer, from io.Reader, scrub *scrubber) {
	lines := bufio.NewReaderSize(from, maxOutputLine)
	for {
		line, more, err := lines.ReadLine()
		if err != nil {
			return
		}
		text := scrub.text(string(line))
		if more {
			text += fmt.Sprintf(" … (%d bytes more)", discardLine(lines))
		}
		// One Write per line, so that lines of several writers do not mix.
		_, _ = io.WriteString(to, outputPrefix+text+"\n")
	}
}

// discardLine skips the rest of a line and counts it.
func discardLine(lines *bufio.Reader) (skipped int) {
	for more := true; more; {
		var part []byte
		var err error
		if part, more, err = lines.ReadLine(); err != nil {
			return skipped
		}
		skipped += len(part)
	}
	return skipped
}
