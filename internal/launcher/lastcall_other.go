//go:build !linux

package launcher

import "net"

// turnAway does nothing: only Linux can refuse new connections without losing those that nobody has accepted.
func turnAway(net.Listener) (queued func() bool, ok bool) { return nil, false }
