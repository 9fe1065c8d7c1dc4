package launcher

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"mlflow-server/internal/config"
)

// listen opens the port, with an error that says what to do about the usual causes.
func listen(ctx context.Context, c *config.Config) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr())
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d on %s is taken by another program; stop it, or set PORT to a free one", c.Port, c.Host)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d needs rights that this user does not have; set PORT to one above 1023", c.Port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("this machine has no address %s; set MLFLOW_HOST to one of its own, or to 0.0.0.0 for all", c.Host)
	case err != nil:
		return nil, fmt.Errorf("listening on MLFLOW_HOST and PORT: %w", err)
	}
	return listener, nil
}
