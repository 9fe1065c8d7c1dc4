package artifacts

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// A folder lasts when the folder that it is in has been synced, and so on up to one that was there before: a file whose folder
// is gone after a crash is lost, however well it was synced itself.

// newFolder is what MLflow gives them; the umask decides.
const newFolder = 0o777

// makeStore makes the store's own directory, with those above it.
func (d *directory) makeStore() error {
	above := d.path
	var made []string
	for {
		if _, err := os.Stat(above); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(above) == above {
			break
		}
		made = append(made, filepath.Base(above))
		above = filepath.Dir(above)
	}
	if len(made) == 0 {
		return nil
	}
	if err := os.MkdirAll(d.path, newFolder); err != nil {
		return err
	}
	root, err := os.OpenRoot(above)
	if errors.Is(err, fs.ErrPermission) {
		return nil // it may be written to and not read
	}
	if err != nil {
		return err
	}
	defer root.Close()
	name := "."
	for i := len(made) - 1; i >= 0; i-- {
		if err := d.sync(root, name); err != nil {
			return err
		}
		name = path.Join(name, made[i])
	}
	return nil
}

// makeFolder makes a folder in the store, with those above it.
func (d *directory) makeFolder(root *os.Root, dir string) error {
	var holding []string // new folders
	for at := dir; at != "" && at != "."; at = path.Dir(at) {
		if _, err := root.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		holding = append(holding, path.Dir(at))
	}
	if len(holding) == 0 && dir == "" {
		return nil
	}
	if err := root.MkdirAll(dir, newFolder); err != nil { // it says what is wrong with one that is there
		return err
	}
	for i := len(holding) - 1; i >= 0; i-- {
		if err := d.sync(root, holding[i]); err != nil {
			return err
		}
	}
	return nil
}

// syncDirectory makes a rename last. Not every file system can; then the file system decides when it does.
func syncDirectory(root *os.Root, name string) error {
	dir, err := root.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
