package provision

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func run(t *testing.T, ctx context.Context, script string, line func(string)) (string, error) {
	t.Helper()
	return command{name: "/bin/sh", args: []string{"-c", script}, environ: os.Environ(), dir: t.TempDir(), line: line}.run(ctx)
}

func TestAProgramsLastWordsAreInItsErrorWithoutALogin(t *testing.T) {
	var lines []string
	_, err := run(t, t.Context(), `for i in $(seq 50); do echo "line $i" >&2; done; echo 'at https://me:secret@host/' >&2; exit 4`,
		func(line string) { lines = append(lines, line) })
	if err == nil || !strings.Contains(err.Error(), "sh ended with exit status 4:\nline 32\n") ||
		!strings.HasSuffix(err.Error(), "line 50\nat https://[redacted]@host/") {
		t.Errorf("error %v", err)
	}
	if len(lines) != 51 || strings.Contains(lines[50], "secret") {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

func TestAnEndlessLineDoesNotBlockAProgram(t *testing.T) {
	out, err := run(t, t.Context(), `head -c 3000000 /dev/zero | tr '\0' x >&2; echo done`, nil)
	if err != nil || out != "done\n" {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestWithItsContextTheWholeGroupEnds(t *testing.T) {
	for name, script := range map[string]string{
		"that stops when asked": `sleep 600 & echo $! >pid; mv pid ready; wait`,
		"that ignores it":       `trap '' TERM; sleep 600 & echo $! >pid; mv pid ready; while :; do wait; done`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				for !exists(filepath.Join(dir, "ready")) {
					time.Sleep(5 * time.Millisecond)
				}
				cancel(errors.New("enough"))
			}()
			_, err := command{name: "/bin/sh", args: []string{"-c", script}, environ: os.Environ(), dir: dir, grace: 100 * time.Millisecond}.run(ctx)
			if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "enough") {
				t.Errorf("error %v", err)
			}
			pid := strings.TrimSpace(readFile(t, filepath.Join(dir, "ready")))
			until(t, "the end of its child", func() bool { return !running(pid) })
		})
	}
}
