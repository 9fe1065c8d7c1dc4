package doctor

import (
	"bytes"
	"net"
	"sync/atomic"
	"testing"
)

// forward listens on an address of this machine and passes connections on until a client sends a text, if there is one; from
// then on everything is swallowed, as by a firewall that has forgotten its connections. It returns the port.
func forward(t *testing.T, address, target, until string) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var deaf atomic.Bool
	pass := func(to, from net.Conn, look bool) {
		buffer := make([]byte, 64<<10) // a statement comes in one piece over loopback
		for {
			n, err := from.Read(buffer)
			if look && until != "" && bytes.Contains(buffer[:n], []byte(until)) {
				deaf.Store(true)
			}
			if deaf.Load() {
				<-t.Context().Done()
				return
			}
			if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				go func() {
					defer client.Close()
					pass(client, server, false)
				}()
				defer server.Close()
				pass(server, client, true)
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}
