package buildpack

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mlflow-server/internal/provision"
)

// size is how much a directory holds.
type size struct {
	bytes int64
	files int
}

// sizeOf adds up the files in a directory, or is one file's size; nothing when there is neither.
func sizeOf(dir string) size {
	var s size
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			s.bytes += info.Size()
			s.files++
		}
		return nil
	})
	return s
}

// part is a piece of the slug that is worth a line.
type part struct {
	name  string
	bytes int64
}

// largestParts are the biggest of: the packages, Python, and whatever else lies in the app's root.
func largestParts(app string, n int) []part {
	packages := filepath.Join(".mlflow", "site-packages")
	var parts []part
	for _, dir := range []string{"", ".mlflow", packages} {
		entries, err := os.ReadDir(filepath.Join(app, dir))
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			if name != ".mlflow" && name != packages {
				parts = append(parts, part{name, sizeOf(filepath.Join(app, name)).bytes})
			}
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.name, b.name)) })
	return parts[:min(n, len(parts))]
}

// shownParts is how many of the largest parts the log names.
const shownParts = 5

// summary is the end of the log.
func (c *compilation) summary(r provision.Runtime, l *launcherBuild, took time.Duration) error {
	slug := sizeOf(c.App)
	locked := "locked"
	if !r.Locked {
		locked = "not the locked " + provision.LockedMLflowVersion() + ": by its own command line, no jobs"
	}
	c.report.add("go", l.goes, "launcher_seconds", seconds(l.took), "slug_bytes", fmt.Sprint(slug.bytes), "slug_files", fmt.Sprint(slug.files))
	c.log.Started("Done in " + provision.FormatDuration(took))
	for _, line := range [][2]string{
		{"Go", l.goes},
		{"Python", r.PythonVersion},
		{"MLflow", r.MLflowVersion + " (" + locked + ")"},
		{"Slug", fmt.Sprintf("%s in %d files", provision.FormatSize(slug.bytes), slug.files)},
	} {
		c.log.Note(fmt.Sprintf("%-8s %s", line[0], line[1]))
	}
	for _, p := range largestParts(c.App, shownParts) {
		c.log.Note(fmt.Sprintf("  %7s  %s", provision.FormatSize(p.bytes), p.name))
	}
	c.log.Note(fmt.Sprintf("%-8s %s", "Cache", provision.FormatSize(sizeOf(c.store.dir).bytes)))
	return nil
}
