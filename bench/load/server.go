// Package load sends HTTP requests to a server on this machine: as many as it answers within a time, or a given number.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Server is where requests go. It is on this machine: anything else is refused.
type Server struct {
	// Name stands in errors before what was asked; it may be empty.
	Name string
	// Addresses are "host:port", or the path of a unix socket. Connections are spread over them evenly.
	Addresses []string
	// Host is what the Host header says.
	Host string
	// User and Password are sent as HTTP Basic credentials unless User is empty.
	User, Password string
}

// Request is one request to send.
type Request struct {
	Method, Path string
	// Body is sent as JSON unless it is empty.
	Body string
}

// requestTime is how long one answer may take: MLflow's own login, under load, takes seconds.
const requestTime = 2 * time.Minute

// connection is one keep-alive connection to one address of a server.
type connection struct {
	server Server
	client *http.Client
	close  func()
}

// connect prepares the n-th connection; it is opened by the first request. An answer that takes longer
// than patience is a failure.
func connect(s Server, n int, patience time.Duration) (connection, error) {
	if len(s.Addresses) == 0 {
		return connection{}, errors.New("the server has no address")
	}
	address := s.Addresses[n%len(s.Addresses)]
	network := "unix"
	if !strings.HasPrefix(address, "/") {
		network = "tcp"
		to, err := netip.ParseAddrPort(address)
		if err != nil || !to.Addr().IsLoopback() {
			return connection{}, fmt.Errorf("%q is not an address of this machine's loopback", address)
		}
	}
	var dialer net.Dialer
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
		MaxConnsPerHost:    1,
		DisableCompression: true,
	}
	// Redirects are answers like any other: nothing here asks for a page that has one.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &http.Client{Transport: transport, Timeout: patience, CheckRedirect: stay}
	return connection{server: s, client: client, close: transport.CloseIdleConnections}, nil
}

// do sends a request and reads the whole answer. Anything but 200 is an error.
func (c connection) do(ctx context.Context, r Request, body io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, r.Method, "http://"+c.server.Host+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return err
	}
	if r.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.server.User != "" {
		request.SetBasicAuth(c.server.User, c.server.Password)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		start, _ := io.ReadAll(io.LimitReader(response.Body, 300))
		_, _ = io.Copy(io.Discard, response.Body)
		return fmt.Errorf("%s: %s: %s", c.asked(r), response.Status, strings.Join(strings.Fields(string(start)), " "))
	}
	if _, err := io.Copy(body, response.Body); err != nil {
		return fmt.Errorf("%s: reading the answer: %w", c.asked(r), err)
	}
	return nil
}

// asked says in a message what was asked of whom.
func (c connection) asked(r Request) string {
	return strings.TrimSpace(c.server.Name + " " + r.Method + " " + r.Path)
}

// Do sends one request on a connection of its own and returns the answer's body. Anything but 200 is an error.
func Do(ctx context.Context, s Server, r Request) (string, error) {
	c, err := connect(s, 0, requestTime)
	if err != nil {
		return "", err
	}
	defer c.close()
	var body strings.Builder
	err = c.do(ctx, r, &body)
	return body.String(), err
}
