package provision

import (
	"io/fs"
	"path/filepath"
)

// sizeOf adds up the sizes of the files in a directory, in bytes; 0 when there is none.
func sizeOf(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}
