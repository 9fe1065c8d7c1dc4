package buildpack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// store is this buildpack's directory in CACHE_DIR:
//
//	go/VERSION-PLATFORM  the fetched Go toolchain     go-build, go-path  Go's own caches
//	program/KEY          this program                 uv/, python/       uv, and the archive of uv's Python
//	runtime/KEY.tar      an installed runtime         report             what bin/report prints
//
// One file that is checked as a whole is a better home for a runtime than its 10,000 files: what is damaged or half
// written is seen before anything is made of it.
type store struct{ dir string }

func (s store) runtimeFile(key string) string { return filepath.Join(s.dir, "runtime", key+".tar") }

// restore unpacks the runtime of that key to dir. found is false without an error when there is none. A damaged one is
// removed, and the error says what is wrong with it.
func (s store) restore(ctx context.Context, key, dir string) (found bool, err error) {
	name := s.runtimeFile(key)
	if _, err := os.Stat(name); err != nil {
		return false, nil
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			found, err = false, errors.Join(err, os.RemoveAll(name), os.RemoveAll(name+".sum"), os.RemoveAll(dir))
		}
	}()
	want, err := os.ReadFile(name + ".sum")
	if err != nil {
		return false, errors.New("it has no checksum")
	}
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return false, err
	}
	if hexSum(sum) != strings.TrimSpace(string(want)) {
		return false, errors.New("its checksum is wrong")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	if err := os.RemoveAll(dir); err != nil {
		return false, err
	}
	return true, unpack(ctx, file, dir)
}

// save keeps the runtime in dir under key and returns its size in bytes. What it needs space for goes first.
func (s store) save(ctx context.Context, key, dir string) (size int64, err error) {
	name := s.runtimeFile(key)
	if err := os.RemoveAll(filepath.Dir(name)); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(filepath.Dir(name)))
		}
	}()
	file, err := os.Create(name + ".partial")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	sum := sha256.New()
	if err := pack(ctx, io.MultiWriter(file, sum), dir); err != nil {
		return 0, err
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	if err := os.WriteFile(name+".sum", []byte(hexSum(sum)+"\n"), 0o644); err != nil {
		return 0, err
	}
	info, err := os.Stat(name + ".partial")
	if err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(name+".partial", name)
}

func hexSum(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// mostGo is how much Go's own caches may hold, in bytes; a build of this program and the launcher leaves 160 MB. Go itself
// drops from its build cache only what has not been used for five days.
const mostGo = 400e6

// prune bounds the store: of uv the pinned version stays, of Python's archives the newest. toolchain.sh and save do the
// same for the rest.
func (s store) prune(uv string) error {
	archives, err := s.entries("python")
	if err != nil {
		return err
	}
	slices.SortFunc(archives, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, old := range archives[min(1, len(archives)):] {
		err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, "python", old.Name())))
	}
	versions, err2 := s.entries("uv")
	for _, v := range versions {
		if !strings.HasPrefix(v.Name(), uv+"-") {
			err2 = errors.Join(err2, os.RemoveAll(filepath.Join(s.dir, "uv", v.Name())))
		}
	}
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	for _, dir := range []string{"go-build", "go-path"} {
		if path := filepath.Join(s.dir, dir); sizeOf(path).bytes > mostGo {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("emptying %s: %w", dir, err)
			}
		}
	}
	return nil
}

// entries lists a directory of the store, which need not be there.
func (s store) entries(dir string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var infos []fs.FileInfo
	for _, e := range entries {
		info, err2 := e.Info()
		if err2 != nil {
			return nil, err2
		}
		infos = append(infos, info)
	}
	return infos, err
}
