package fasttrack

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lostNetwork is after what time a connection whose network is gone, and which therefore hears nothing any more, is given
// up. The defaults are those of the Python side (tracking/mlflow_serve/drivers.py).
type lostNetwork struct {
	keepAlive net.KeepAliveConfig // while nothing is sent
	unheard   time.Duration       // while what was sent has not arrived; 0 leaves it to the kernel, a quarter of an hour
}

// whenLost reads the parameters of libpq that are about it. An error is a reason that may be shown.
func whenLost(uri string) (l lostNetwork, err error) {
	u, err := url.Parse(uri)
	if err != nil {
		return l, errUnreadable
	}
	query := u.Query()
	number := func(name string, usual int) int {
		text := query.Get(name)
		if text == "" {
			return usual
		}
		n, wrong := strconv.Atoi(text)
		if wrong != nil || n < 0 {
			err = fmt.Errorf("the database's URI has a parameter %q that is no number", name)
		}
		return n
	}
	l.keepAlive.Enable = number("keepalives", 1) > 0
	l.keepAlive.Idle = time.Duration(number("keepalives_idle", 30)) * time.Second
	l.keepAlive.Interval = time.Duration(number("keepalives_interval", 10)) * time.Second
	l.keepAlive.Count = number("keepalives_count", 3)
	l.unheard = time.Duration(number("tcp_user_timeout", 60_000)) * time.Millisecond
	return l, err
}

// dialer makes connections that are given up so.
func (l lostNetwork) dialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: l.keepAlive, KeepAlive: -1, Control: func(network, _ string, c syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") || l.unheard == 0 {
			return nil
		}
		var failed error
		if err := c.Control(func(fd uintptr) { failed = setUnheard(int(fd), l.unheard) }); err != nil {
			return err
		}
		return failed
	}}
}
