package provision

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// sumOf is the sha256 of a file, in hexadecimal.
func sumOf(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// writeSum notes the checksum of the file name beside the place kept, where it is going to lie.
func writeSum(name, kept string) error {
	sum, err := sumOf(name)
	if err != nil {
		return err
	}
	return os.WriteFile(kept+".sum", []byte(sum+"\n"), 0o644)
}

// checkSum compares a kept file with its checksum. One without was kept by an earlier version of this program.
func checkSum(kept string) error {
	want, err := os.ReadFile(kept + ".sum")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	got, err := sumOf(kept)
	if err == nil && got != strings.TrimSpace(string(want)) {
		err = fmt.Errorf("%s is damaged: its checksum is wrong", kept)
	}
	return err
}
