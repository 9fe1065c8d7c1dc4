package launcher

import (
	"math"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// turnAway has the kernel refuse new connections of a listener, as if its port were closed, and finish the handshakes that
// are under way. queued tells whether a connection waits to be accepted. ok is false where that cannot be done.
//
// The socket is bound to a network interface that does not exist, so that nothing new finds it; what has begun knows its
// listener already. A filter of packets (SO_ATTACH_FILTER) would let clients wait instead of refusing them, and needs rights on
// newer kernels; this needs none since Linux 5.7.
// Source: sock_bindtoindex_locked in net/core/sock.c, inet_lookup_listener in net/ipv4/inet_hashtables.c
func turnAway(listener net.Listener) (queued func() bool, ok bool) {
	socket, is := listener.(syscall.Conn)
	if !is {
		return nil, false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, false
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, math.MaxInt32)
	})
	if err != nil || failed != nil {
		return nil, false
	}
	return func() (some bool) {
		_ = raw.Control(func(fd uintptr) {
			ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			n, err := unix.Poll(ready, 0)
			some = err == nil && n > 0
		})
		return some
	}, true
}
