package provision

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mlflow-server/internal/assets"
)

// UIDir is the directory with the compressed forms of the files of MLflow's user interface. A runtime that was made
// without them has none; the server then makes them as they are asked for.
func (r Runtime) UIDir() string { return filepath.Join(r.Dir, assets.CompressedDir) }

// compressUI compresses the files of MLflow's user interface into the directory of the runtime, for a locked MLflow: of
// another one the server does not know how its files are meant to be served.
func (in *installation) compressUI(ctx context.Context, packages, runtime string) error {
	source := assets.SourceDir(packages)
	if _, err := os.Stat(filepath.Join(source, "index.html")); err != nil || !in.plan.locked {
		return nil
	}
	return in.do(stepUI, "compressing the user interface", runtime, func() (string, error) {
		sum, err := assets.Compress(ctx, source, filepath.Join(runtime, assets.CompressedDir))
		if err != nil && ctx.Err() != nil {
			return "", ended(ctx)
		}
		return fmt.Sprintf("%d files, %s become %s", sum.Files, FormatSize(sum.Size), FormatSize(sum.Brotli)), err
	})
}

// Complete adds to an installed runtime what this version of the program puts into one and the runtime, made by an earlier
// version, lacks. It works without.
func Complete(ctx context.Context, r Runtime, progress Progress) error {
	in, err := newInstallation(Options{Dir: r.Dir, Progress: progress})
	if err == nil {
		in.addUI(ctx, r)
	}
	return err
}

// addUI does the same for a runtime that an earlier version of this program made. The runtime works without, so that it
// is no failure when it cannot be written to.
func (in *installation) addUI(ctx context.Context, r Runtime) {
	if !r.Locked || assets.Complete(r.UIDir()) {
		return
	}
	partial, err := newPartial(r.UIDir())
	if err != nil {
		return
	}
	defer os.RemoveAll(partial)
	if in.compressUI(ctx, r.SitePackages, partial) != nil {
		in.progress.Failed(in.step, time.Since(in.since))
		in.step = ""
		return
	}
	_ = os.RemoveAll(r.UIDir()) // of another format
	_ = os.Rename(filepath.Join(partial, assets.CompressedDir), r.UIDir())
}
