package provision

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	recordFile   = "runtime.json"
	recordFormat = 1
	packagesDir  = "site-packages"
	pythonDir    = "python"
)

// record is what a runtime says about itself. It is written last: a directory without one is no runtime.
type record struct {
	Format      int    `json:"format"`
	Platform    string `json:"platform"`
	LockHash    string `json:"lock_hash"`
	BaseHash    string `json:"base_hash"` // the embedded lock of the program that made it
	Locked      bool   `json:"locked"`
	MLflow      string `json:"mlflow"`
	Python      string `json:"python"`      // version
	Interpreter string `json:"interpreter"` // relative to the runtime when managed, absolute for the system's
	Managed     bool   `json:"managed"`
	// Size and Modified are the system interpreter's: when they differ it has been replaced, and is asked again.
	Size     int64     `json:"interpreter_size,omitempty"`
	Modified time.Time `json:"interpreter_modified,omitzero"`
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// open reads the runtime in dir. The error is ErrNotInstalled with a reason whenever there is none that can be used.
func open(dir string) (Runtime, error) {
	no := func(format string, args ...any) (Runtime, error) {
		return Runtime{}, fmt.Errorf("%w in %s: %s", ErrNotInstalled, dir, fmt.Sprintf(format, args...))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return no("%v", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return no("it has no %s", recordFile)
	} else if err != nil {
		return no("%v", err)
	}
	var rec record
	if err := json.Unmarshal(data, &rec); err != nil {
		return no("%s cannot be read: %v", recordFile, err)
	}
	if rec.Format != recordFormat || rec.BaseHash != lockHash() {
		return no("it was made by another version of mlflow-server")
	}
	if rec.Platform != platform() {
		return no("it was made for %s", rec.Platform)
	}
	r := Runtime{
		Dir: dir, Python: rec.Interpreter, SitePackages: filepath.Join(dir, packagesDir),
		PythonVersion: rec.Python, MLflowVersion: rec.MLflow, LockHash: rec.LockHash, Locked: rec.Locked,
		Extended: rec.LockHash != rec.BaseHash,
	}
	if rec.Managed {
		r.Python = filepath.Join(dir, rec.Interpreter)
		r.home = filepath.Join(dir, pythonDir)
	}
	info, err := os.Stat(r.Python)
	if err != nil {
		return no("its Python has gone (%s)", r.Python)
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return no("its Python cannot be executed (%s)", r.Python)
	}
	if !rec.Managed && (info.Size() != rec.Size || !info.ModTime().Equal(rec.Modified)) {
		if err := stillFits(r.Python, rec.Python); err != nil {
			return no("its Python has changed: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(r.SitePackages, "mlflow", "version.py")); err != nil {
		return no("its packages have gone")
	}
	return r, nil
}

// write puts the record into dir, whole or not at all.
func (rec record) write(dir string) error {
	data, err := json.MarshalIndent(rec, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(dir, recordFile)
	if err := os.WriteFile(name+".new", append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
