package slug

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// place stands for a test, since what plays Heroku (e2e/buildpack/heroku) is made for tests: it gives directories, and
// ends a measurement that cannot go on.
type place struct {
	testing.TB // for its unexported method; every method that is called is below
	ctx        context.Context
	dir        string
	dirs       int
	cleanups   []func()
}

// stopped carries a failure out of the depth.
type stopped struct{ err error }

func newPlace(ctx context.Context) (*place, error) {
	dir, err := os.MkdirTemp("", "mlflow-bench-slug-")
	return &place{ctx: ctx, dir: dir}, err
}

// guard runs do and returns how it was stopped.
func (p *place) guard(do func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case stopped:
			err = v.err
		default:
			panic(v)
		}
	}()
	do()
	return nil
}

func (p *place) close() error {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
	return os.RemoveAll(p.dir)
}

// Helper does nothing.
func (p *place) Helper() {}

// Context ends with the program.
func (p *place) Context() context.Context { return p.ctx }

// Cleanup runs f at the end.
func (p *place) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

// TempDir makes a directory that is removed at the end.
func (p *place) TempDir() string {
	p.dirs++
	dir := filepath.Join(p.dir, strconv.Itoa(p.dirs))
	p.must(os.Mkdir(dir, 0o755))
	return dir
}

// Fatal stops the measurement.
func (p *place) Fatal(args ...any) {
	panic(stopped{errors.New(strings.TrimSuffix(fmt.Sprintln(args...), "\n"))})
}

// Fatalf stops the measurement.
func (p *place) Fatalf(format string, args ...any) { panic(stopped{fmt.Errorf(format, args...)}) }

// Errorf stops the measurement as well: what is wrong is not worth measuring.
func (p *place) Errorf(format string, args ...any) { p.Fatalf(format, args...) }

func (p *place) must(err error) {
	if err != nil {
		p.Fatal(err)
	}
}

// compressed is the size in bytes of a directory as a compressed tar.
func (p *place) compressed(dir, by string) float64 {
	out, err := exec.CommandContext(p.ctx, "sh", "-c", `tar -cf - -C "$1" . | `+by+` | wc -c`, "sh", dir).Output()
	p.must(err)
	n, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	p.must(err)
	return n
}

func bytesIn(p *place, dir string) float64 { b, _ := weigh(p, dir); return b }
func filesIn(p *place, dir string) float64 { _, n := weigh(p, dir); return n }

func weigh(p *place, dir string) (bytes, files float64) {
	p.must(filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += float64(info.Size())
			files++
		}
		return err
	}))
	return bytes, files
}
