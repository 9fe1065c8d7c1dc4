package artifacts

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/internal/config"
)

// A file whose folder is gone after a crash is lost.
func TestEveryNewFolderIsSyncedInTheOneThatItIsIn(t *testing.T) {
	r := start(t, config.ArtifactService{})
	store := r.room.store.(*directory)
	above := filepath.Dir(r.dir)
	store.path = filepath.Join(r.dir, "new", "store")
	store.staging = newStaging(store.path)
	var synced []string
	store.sync = func(root *os.Root, name string) error {
		at, err := filepath.Rel(above, filepath.Join(root.Name(), name))
		synced = append(synced, at)
		return errors.Join(err, syncDirectory(root, name))
	}
	for _, c := range []struct{ name, want string }{
		{"1/run/artifacts/f", ". a a/new a/new/store a/new/store/1 a/new/store/1/run a/new/store/1/run/artifacts"},
		{"1/run/artifacts/g", "a/new/store/1/run/artifacts"},
		{"1/run/artifacts/sub/h", "a/new/store/1/run/artifacts a/new/store/1/run/artifacts/sub"},
		{"top", "a/new/store"},
	} {
		synced = nil
		if status, body, _ := r.send(t, "ann", "PUT", base+c.name, "hello"); status != 200 {
			t.Fatal(status, body)
		}
		if !slices.Equal(synced, strings.Fields(c.want)) {
			t.Errorf("%s: synced %v", c.name, synced)
		}
	}
}
