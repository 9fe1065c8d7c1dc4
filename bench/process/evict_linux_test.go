package process

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestWhatIsEvictedHasToBeReadFromTheDisk(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "sub", "file")
	content := bytes.Repeat([]byte("x"), 1<<20)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := resident(t, name); n != len(content)/os.Getpagesize() {
		t.Fatalf("%d pages of a file that was just written are in memory", n)
	}
	if err := Evict(dir); err != nil {
		t.Fatal(err)
	}
	if n := resident(t, name); n != 0 {
		t.Errorf("%d pages are still in memory", n)
	}
	if read, err := os.ReadFile(name); err != nil || !bytes.Equal(read, content) {
		t.Errorf("the file is not what it was: %v", err)
	}
	if err := Evict(filepath.Join(dir, "not there")); err == nil {
		t.Error("a directory that is not there is no error")
	}
}

// resident counts a file's pages in memory (mincore(2)).
func resident(t *testing.T, name string) (pages int) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mapped) //nolint:errcheck // the process ends soon
	here := make([]byte, len(mapped)/os.Getpagesize())
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), uintptr(len(mapped)), uintptr(unsafe.Pointer(&here[0]))); errno != 0 {
		t.Fatal(errno)
	}
	for _, b := range here {
		pages += int(b & 1)
	}
	return pages
}
