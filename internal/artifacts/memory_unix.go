//go:build unix

package artifacts

import "golang.org/x/sys/unix"

// mapMemory gets memory from the kernel that the garbage collector does not count. It is never given back, only emptied.
func mapMemory(size int) []byte {
	arena, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make([]byte, size)
	}
	return arena
}

// forgetMemory lets the kernel take back what lies in the memory; it stays usable.
func forgetMemory(arena []byte) { _ = unix.Madvise(arena, unix.MADV_DONTNEED) }
