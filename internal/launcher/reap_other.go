//go:build !linux

package launcher

import "context"

// reapStrangers does nothing: only on Linux this process can be the first one.
func reapStrangers(context.Context) {}
