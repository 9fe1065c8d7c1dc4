package assets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Summary is what Compress has done. Sizes are in bytes.
type Summary struct {
	// Files that were compressed; Size is theirs before, Brotli and Gzip after.
	Files              int
	Size, Brotli, Gzip int64
}

// Compress writes the compressed forms of the user interface's files in source to target, which it makes, with all
// processors. It takes ten seconds of one: it is for when a runtime is made. A target that holds an index is complete.
func Compress(ctx context.Context, source, target string) (Summary, error) {
	files, err := list(source)
	if err != nil {
		return Summary{}, fmt.Errorf("listing the user interface's files: %w", err)
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return Summary{}, err
	}
	var (
		mu   sync.Mutex
		sum  Summary
		made = index{Format: indexFormat, Files: map[string]entry{}}
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	// The largest first, so that no processor is left with one of them at the end.
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(b.size, a.size) })
	for _, f := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			e, err := compressFile(filepath.Join(source, filepath.FromSlash(f.name)), f.name, target)
			if err != nil {
				return fmt.Errorf("compressing %s: %w", f.name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			made.Files[f.name] = e
			if len(e.Encoded) > 0 {
				sum.Files++
				sum.Size += e.Size
				sum.Brotli += e.Encoded["br"]
				sum.Gzip += e.Encoded["gzip"]
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Summary{}, err
	}
	return sum, made.write(target)
}

// file is one of the user interface, by its path with slashes.
type file struct {
	name string
	size int64
}

// list finds the regular files below dir.
func list(dir string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, file{filepath.ToSlash(name), info.Size()})
		return err
	})
	return files, err
}

// sumOf names a content.
func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:10])
}

// compressFile writes the forms of one file that are smaller than itself.
func compressFile(path, name, target string) (entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return entry{}, err
	}
	e := entry{Sum: sumOf(text), Size: int64(len(text))}
	if !compressible(name, e.Size) {
		return e, nil
	}
	e.Encoded = map[string]int64{}
	for _, how := range encodings {
		small, err := how.encode(text, false)
		if err != nil {
			return entry{}, err
		}
		if len(small) >= len(text) {
			continue
		}
		if err := os.WriteFile(filepath.Join(target, e.Sum+how.suffix), small, 0o644); err != nil {
			return entry{}, err
		}
		e.Encoded[how.name] = int64(len(small))
	}
	return e, nil
}
