package launcher

import (
	"context"
	"time"
)

// until ends after limit, or when a second signal forces the end: everything that is waited for at the end has both bounds.
func until(forced <-chan struct{}, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	go func() {
		select {
		case <-forced:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
