package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"mlflow-server/internal/provision"
)

// command stands in the head of the compiled files.
const command = "go generate ./internal/provision"

// compileAll writes lock/requirements.txt and lock/uv.txt.
func compileAll(ctx context.Context, uv, lock string, pins provision.Pins, upgrade bool) error {
	uvIn := filepath.Join(lock, ".uv.in")
	if err := os.WriteFile(uvIn, []byte("uv=="+pins.UV.Version+"\n"), 0o644); err != nil {
		return err
	}
	defer os.Remove(uvIn)
	common := []string{
		"pip", "compile", "--quiet", "--universal", "--python-version", pins.Python.Minimum, "--no-python-downloads",
		// With hashes, so that an index can serve nothing else; without its address, which is each user's own.
		"--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--annotation-style", "line",
		"--custom-compile-command", command,
	}
	if upgrade {
		common = append(common, "--upgrade")
	}
	for _, file := range []struct {
		to   string
		args []string
	}{
		{"requirements.txt", []string{"--excludes", "excludes.txt", "requirements.in"}},
		{"uv.txt", []string{"--no-annotate", ".uv.in"}},
	} {
		cmd := exec.CommandContext(ctx, uv, append(append(common, "--output-file", file.to), file.args...)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = lock, nil, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("compiling %s: %w", file.to, err)
		}
		if err := check(filepath.Join(lock, file.to)); err != nil {
			return err
		}
	}
	return nil
}

var requirement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*==`)

// check refuses a compiled file that names a place or leaves a package without a hash.
func check(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.Contains(line, "://") || strings.HasPrefix(line, "-") || strings.Contains(line, " @ ") {
			return fmt.Errorf("%s:%d names a place: %s", name, i+1, line)
		}
		if requirement.MatchString(line) && (i+1 == len(lines) || !strings.Contains(lines[i+1], "--hash=sha256:")) {
			return fmt.Errorf("%s:%d has no hash: %s", name, i+1, line)
		}
	}
	return nil
}
