package migrations

import (
	"os"
	"syscall"
	"testing"
)

// hold holds the lock file as another process would.
func hold(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("process 4711 (somebody stuck)\n"); err != nil {
		t.Fatal(err)
	}
}
