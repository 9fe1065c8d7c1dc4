package fasttrack

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// setUnheard sets TCP_USER_TIMEOUT (tcp(7)).
func setUnheard(socket int, after time.Duration) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(socket, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(after.Milliseconds())))
}
