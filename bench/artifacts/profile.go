package artifacts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"mlflow-server/bench/subject"
)

// Profile takes profiles of the launcher while so many bytes go up, and then down, in files of 256 MB, four at a time, and
// hands each kind's files to show.
func Profile(ctx context.Context, total int64, show func(title, cpu, allocs string) error) (err error) {
	dir, err := os.MkdirTemp("", "bench-artifacts-")
	if err != nil {
		return fmt.Errorf("making a directory for the profiles: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	product, err := subject.BuildProfiled(ctx, dir)
	if err != nil {
		return err
	}
	s, err := startStore(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	const each, together = 256 * mega, 4
	for _, way := range []struct {
		title string
		do    func(context.Context, server, string) error
	}{
		{"uploads", func(ctx context.Context, to server, name string) error {
			_, err := to.up(ctx, name, each, false)
			return err
		}},
		{"downloads", func(ctx context.Context, from server, name string) error {
			_, err := from.down(ctx, name, each, false)
			return err
		}},
	} {
		own := filepath.Join(dir, way.title)
		launcher, err := start(ctx, own, product.Binary, s, "true")
		if err != nil {
			return err
		}
		launcher.sent = new(atomic.Int64)
		b := &bench{dir: dir}
		cpu, allocs, err := subject.Profile(launcher.Running, own, func() error {
			for done := int64(0); done < total; done += together * each {
				if err := b.parallel(together, func(i int) error { return way.do(ctx, launcher, "profiled/"+strconv.Itoa(i)) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = show(fmt.Sprintf("%s of %s", way.title, size(total)), cpu, allocs)
		}
		if err = errors.Join(err, launcher.Stop()); err != nil {
			return err
		}
	}
	return nil
}
