package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// directory is a store of files below one directory, laid out as MLflow does it. Every access goes through os.Root, so
// that no symbolic link leads out of it, whoever changes what meanwhile.
type directory struct {
	path    string
	staging *staging
	sync    func(root *os.Root, name string) error // syncDirectory, except in tests
}

func newDirectory(path string, log *slog.Logger) (*directory, error) {
	if path == "" {
		return nil, errors.New("no directory given")
	}
	d := &directory{path: path, staging: newStaging(path), sync: syncDirectory}
	sweepStaging(path, log)
	return d, nil
}

func (d *directory) close() { d.staging.close() }

// open opens the directory for one request: it is made by the first upload, and may be replaced by an administrator.
func (d *directory) open() (*os.Root, error) { return os.OpenRoot(d.path) }

// serve implements store.
func (d *directory) serve(w http.ResponseWriter, r *http.Request, name string) error {
	if isStaged(name) {
		return errMissing
	}
	root, err := d.open()
	if err != nil {
		return d.failure(err)
	}
	defer root.Close()
	clean := path.Clean(name)
	info, err := root.Stat(clean)
	switch {
	case err != nil:
		return d.failure(err)
	case info.IsDir():
		return errFolder
	case !info.Mode().IsRegular():
		return errMissing // opening a pipe would wait for its other end
	}
	file, err := root.Open(clean)
	if err != nil {
		return d.failure(err)
	}
	defer file.Close()
	w.Header().Set("Etag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}

// list implements store.
func (d *directory) list(_ context.Context, name string) ([]entry, error) {
	root, err := d.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, d.failure(err)
	}
	defer root.Close()
	clean := path.Clean(name)
	if info, err := root.Stat(clean); err != nil || !info.IsDir() {
		if err = d.failure(err); err != nil && !errors.Is(err, errMissing) {
			return nil, err
		}
		return nil, nil
	}
	dir, err := root.Open(clean)
	if err != nil {
		return nil, d.failure(err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, d.failure(err)
	}
	entries := make([]entry, 0, len(names))
	for _, n := range names {
		if strings.HasPrefix(n, stagingPrefix) {
			continue
		}
		child := path.Join(clean, n)
		info, err := root.Stat(child)
		if err != nil {
			if info, err = root.Lstat(child); err != nil {
				continue // gone meanwhile
			}
		}
		entries = append(entries, entry{path: strings.ToValidUTF8(child, "\ufffd"), isDir: info.IsDir(), size: info.Size()})
	}
	sortEntries(entries)
	return entries, nil
}

func sortEntries(entries []entry) {
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.path, b.path) })
}

// remove implements store.
func (d *directory) remove(_ context.Context, name string) error {
	if isStaged(name) {
		return nil
	}
	root, err := d.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return d.failure(err)
	}
	defer root.Close()
	clean := path.Clean(name)
	if strings.HasSuffix(name, "/") {
		if info, err := root.Stat(clean); err != nil || !info.IsDir() {
			return nil // a file is not called so
		}
	}
	if err := d.failure(root.RemoveAll(clean)); err != nil && !errors.Is(err, errMissing) {
		return err
	}
	return nil
}

// put implements store.
func (d *directory) put(_ context.Context, dir, name string, b *body) error {
	switch {
	case !unique(dir):
		drainBody(b)
		return invalid("Invalid artifact path: '%s'. Names may be treated as files in certain cases, and must not resolve to other names"+
			" when treated as such. This name would resolve to '%s'", dir, path.Clean(dir))
	case strings.HasPrefix(name, stagingPrefix):
		drainBody(b)
		return invalid("Invalid artifact file name: '%s'. Artifact names starting with '%s' are reserved.", name, stagingPrefix)
	case name == ".":
		drainBody(b)
		return invalid("Invalid path")
	}
	if err := d.makeStore(); err != nil {
		return d.failure(err)
	}
	root, err := d.open()
	if err != nil {
		return d.failure(err)
	}
	defer root.Close()
	if err := d.makeFolder(root, dir); err != nil {
		return d.failure(err)
	}
	return d.write(root, path.Join(dir, name), b)
}

// write makes a file that appears under its name only when it is complete and on the disk.
func (d *directory) write(root *os.Root, name string, b *body) error {
	staged := d.staging.name()
	file, err := root.OpenFile(staged, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return d.failure(err)
	}
	err = copyBody(file, b)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = root.Rename(staged, name)
	}
	if err != nil {
		_ = root.Remove(staged)
		return d.failure(err)
	}
	return d.failure(d.sync(root, path.Dir(name)))
}

func copyBody(to io.Writer, b *body) error {
	scratch := scratches.get()
	defer scratches.put(scratch)
	for {
		n, err := b.Read(scratch)
		if _, werr := to.Write(scratch[:n]); werr != nil {
			return werr
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func drainBody(b *body) {
	scratch := scratches.get()
	defer scratches.put(scratch)
	for left := drainBytes; left > 0; {
		n, err := b.Read(scratch)
		if err != nil {
			return
		}
		left -= n
	}
}

// failure says what an error of the file system means to a client.
func (d *directory) failure(err error) error {
	var known *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR) && !isWrite(err):
		return errMissing
	case errors.Is(err, syscall.ENAMETOOLONG) && !isWrite(err):
		return errMissing
	case strings.Contains(err.Error(), "path escapes from parent"): // os.Root's error has no name
		return invalid("Invalid path: resolved path is outside the artifact directory")
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTEMPTY):
		return invalid("Invalid path: a file and a folder cannot have the same name")
	case errors.Is(err, syscall.ENAMETOOLONG):
		return invalid("Invalid path: the name is too long for this store")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return later(err, "There is no space left in the artifact store")
	}
	return &failure{status: http.StatusInternalServerError, code: "INTERNAL_ERROR", message: "The artifact store failed", cause: err}
}

// isWrite tells the errors of making and renaming from those of looking something up.
func isWrite(err error) bool {
	var p *fs.PathError
	if errors.As(err, &p) {
		return strings.HasPrefix(p.Op, "mkdir") || strings.HasPrefix(p.Op, "rename")
	}
	var l *os.LinkError
	return errors.As(err, &l)
}
