package lifecycledatabase

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy passes connections on to a database. While it sleeps, it takes them and lets them wait, as what stands before a
// serverless database does that has paused.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	awake time.Time     // until then it sleeps
	wakes time.Duration // how long the next connection waits that finds it asleep; 0 is awake
	slept int           // how often it was woken
	open  int
}

// startProxy listens on an address of this machine.
func startProxy(t *testing.T, address, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: target}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(connection)
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	return p
}

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// sleep lets the next connection wake it up, and all wait for so long until it is.
func (p *proxy) sleep(wakes time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakes = wakes
}

// sessions are the connections that are open now, and how often it was woken so far.
func (p *proxy) sessions() (open, woken int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open, p.slept
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	p.open++
	if p.wakes > 0 {
		p.awake, p.wakes = time.Now().Add(p.wakes), 0
		p.slept++
	}
	wait := time.Until(p.awake)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open--
	}()
	time.Sleep(wait)
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(client, server)
}
