package artifacts

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mlflow-server/internal/config"
)

func TestAFullDiskIsAnErrorThatClientsRepeat(t *testing.T) {
	r := start(t, config.ArtifactService{})
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", r.dir, "tmpfs", 0, "size=1m")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("only root may mount a small disk")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(r.dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	old := strings.Repeat("o", 300<<10)
	if status, body, _ := r.send(t, "ann", "PUT", base+"f", old); status != 200 {
		t.Fatal(status, body)
	}
	for _, name := range []string{"f", "new", "folder/new"} {
		status, body, header := r.send(t, "ann", "PUT", base+name, strings.Repeat("x", 1<<20))
		if status != 503 || header.Get("Retry-After") == "" || !strings.Contains(body, "There is no space left") {
			t.Errorf("%s: %d %v %s", name, status, header, body)
		}
	}
	if got, err := os.ReadFile(filepath.Join(r.dir, "f")); err != nil || !bytes.Equal(got, []byte(old)) {
		t.Errorf("the old file has %d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "new")); err == nil {
		t.Error("a partial file is visible")
	}
	// What did not fit takes no place: there is room for what does.
	if status, body, _ := r.send(t, "ann", "PUT", base+"new", strings.Repeat("x", 500<<10)); status != 200 {
		t.Errorf("after it: %d %s", status, body)
	}
}
