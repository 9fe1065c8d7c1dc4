package fasttrack

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The kernel has to find out that a network is gone; here it is asked what it was told.
func TestTheKernelIsToldWhenAConnectionIsGivenUp(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	lost, err := whenLost("postgresql+psycopg://u:p@h/d?keepalives_idle=77&tcp_user_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := lost.dialer().DialContext(t.Context(), "tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var got [5]int
	if err := raw.Control(func(fd uintptr) {
		got[0], _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE)
		for i, option := range []int{unix.TCP_KEEPIDLE, unix.TCP_KEEPINTVL, unix.TCP_KEEPCNT, unix.TCP_USER_TIMEOUT} {
			got[i+1], _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if want := [5]int{1, 77, 10, 3, 5000}; got != want {
		t.Errorf("keep alive, idle, interval, count, user timeout: %v, want %v", got, want)
	}
}

// A network that is lost while a connection is not used is found out before it is used again.
func TestAnUnusedConnectionThatIsSilentIsGivenUp(t *testing.T) {
	r := New(Options{URI: "postgresql+psycopg://u:p@127.0.0.1:1/d", Connections: 1})
	defer func() { _ = r.Close(context.Background()) }()
	if got := r.pool.Config().PingTimeout; got != pingTimeout {
		t.Errorf("%v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.pool.Ping(ctx); err == nil {
		t.Error("there is a database on port 1")
	}
}
