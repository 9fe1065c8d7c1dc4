package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	product "mlflow-server/internal/gate"
	"mlflow-server/internal/users"
)

// direct is an upstream that is always ready.
type direct struct {
	*http.Transport
	address string
}

func (direct) Ready() bool           { return true }
func (direct) Phase() (bool, string) { return true, "" }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	copied, target := *r, *r.URL
	target.Host = d.address
	copied.URL = &target
	return d.Transport.RoundTrip(&copied)
}

// Serve runs the product's own gate on an address until ctx ends, before an upstream on another. Its access log goes to
// standard error, the password or its hash comes from the environment.
func Serve(ctx context.Context, address, upstream string) error {
	directory, err := users.NewDirectory(users.Accounts{Credentials: []users.Credential{{Name: user, Password: os.Getenv(passwordVariable)}}}, nil)
	if err != nil {
		return fmt.Errorf("making the user: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	// As tracking's pool has it.
	transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true, ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10}
	server := product.NewServer(product.New(product.Options{
		Users: directory, Upstream: direct{transport, upstream}, SessionKey: make([]byte, 32), SessionTime: time.Hour,
		MaxRequests: 1000, MaxRequestsPerUser: 500, Log: log,
	}), log)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	return profiled(os.Getenv(profileVariable), func() error {
		if err := server.Serve(listener); ctx.Err() == nil {
			return err
		}
		return nil
	})
}
