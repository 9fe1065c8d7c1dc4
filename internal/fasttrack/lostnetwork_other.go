//go:build !linux

package fasttrack

import "time"

// setUnheard does nothing: only Linux has such a limit.
func setUnheard(int, time.Duration) error { return nil }
