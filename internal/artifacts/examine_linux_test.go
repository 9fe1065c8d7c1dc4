package artifacts

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// swallow listens with so short a queue that it is full: the kernel drops what else comes, as a firewall does.
func swallow(t *testing.T) (address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address = fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 100 {
		connection, err := net.DialTimeout("tcp", address, 500*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = connection.Close() })
	}
	t.Fatal("its queue is never full")
	return ""
}

func TestAStoreThatSwallowsConnectionsIsTold(t *testing.T) {
	t.Parallel()
	found := examined(t, "http://"+swallow(t), 300*time.Millisecond)
	if got := found["bucket: list"]; !strings.HasPrefix(got, "fail no answer within 0 s → correct MLFLOW_S3_ENDPOINT_URL") || len(found) != 1 {
		t.Errorf("%q", found)
	}
}
