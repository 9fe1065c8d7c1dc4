package provision

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// extractFile writes the one regular file called base out of a .tar.gz to the path to, executable.
func extractFile(archive, base, to string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", archive, err)
	}
	for entries := tar.NewReader(zip); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s holds no %s", archive, base)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", archive, err)
		}
		if entry.Typeflag != tar.TypeReg || path.Base(entry.Name) != base {
			continue
		}
		out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, entries); err != nil {
			out.Close()
			return fmt.Errorf("writing %s: %w", to, err)
		}
		return out.Close()
	}
}
