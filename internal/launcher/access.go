package launcher

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/metrics"
	"mlflow-server/internal/users"
)

// usersFileInterval is how soon a change of the users file counts without a signal.
const usersFileInterval = 2 * time.Second

// openGate makes the gate that the configuration asks for. close ends what belongs to it.
func openGate(ctx context.Context, o Options, mlflow *upstream, rooms []gate.Room, seen *gate.Seen, requests *metrics.Requests, pages []gate.Page) (h http.Handler, close func(), err error) {
	c := o.Config
	sessionKey, versionKey, err := keys(c.SessionSecret.Reveal())
	if err != nil {
		return nil, nil, fmt.Errorf("making the keys of sessions: %w", err)
	}
	directory, err := directoryOf(c, versionKey)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the users: %w", err)
	}
	audit, err := auditOf(o)
	if err != nil {
		return nil, nil, err
	}
	stop := followHangups(ctx, o, directory, audit)
	h = gate.New(gate.Options{
		Users: directory, Upstream: mlflow, Progress: mlflow.progress, Rooms: rooms, Pages: pages, Seen: seen,
		BrowserPrompt: c.BrowserPrompt, SessionKey: sessionKey, SessionTime: c.SessionTime,
		AllowedHosts: c.AllowedHosts, ForceHTTPS: c.ForceHTTPS,
		Proxies:    gate.Proxies{Hops: c.TrustedProxies.Hops, Networks: c.TrustedProxies.Networks},
		OpenRoutes: c.OpenRoutes, StampUser: c.StampUser,
		MaxRequests: c.MaxRequests, MaxRequestsPerUser: c.MaxRequestsPerUser,
		Log: o.Log, Audit: audit, LoginRefused: requests.LoginRefused,
	})
	return h, func() { stop(); _ = audit.Close() }, nil
}

// keys are the one that signs sessions and the one that makes versions of passwords: from a secret that several
// instances share, or random. Never from a password: a cookie would then let its owner try passwords at home.
func keys(secret string) (session, version []byte, err error) {
	material := []byte(secret)
	if secret == "" {
		material = make([]byte, sha256.Size)
		_, _ = rand.Read(material) // never fails
	}
	if session, err = hkdf.Key(sha256.New, material, nil, "mlflow-server session", sha256.Size); err != nil {
		return nil, nil, err
	}
	version, err = hkdf.Key(sha256.New, material, nil, "mlflow-server password version", sha256.Size)
	return session, version, err
}

func directoryOf(c *config.Config, versionKey []byte) (*users.Directory, error) {
	accounts := users.Accounts{Viewers: c.Viewers, Tokens: c.Tokens}
	for _, u := range c.Users {
		accounts.Credentials = append(accounts.Credentials, users.Credential{Name: u.Name, Password: u.Password.Reveal()})
	}
	return users.NewDirectory(accounts, versionKey)
}

func auditOf(o Options) (*gate.Audit, error) {
	switch o.Config.AuditLog {
	case "":
		return nil, nil
	case config.Stdout:
		return gate.NewAudit(o.Stdout), nil
	}
	return gate.OpenAudit(o.Config.AuditLog)
}

// followHangups reads the users file again when it changes, and, with every SIGHUP, that file and opens the audit log by
// its name. Without either file the signal keeps its meaning: the terminal is gone.
func followHangups(ctx context.Context, o Options, directory *users.Directory, audit *gate.Audit) (stop func()) {
	if o.Config.UsersFile == "" && (audit == nil || o.Config.AuditLog == config.Stdout) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	hangups, again := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-hangups:
				if err := audit.Reopen(); err != nil {
					o.Log.Error("the audit log goes on in the old file", "error", err)
				}
				select {
				case again <- s:
				default: // it is about to be read anyway
				}
			}
		}
	})
	if o.Config.UsersFile != "" {
		group.Go(func() { directory.Watch(ctx, o.Config.UsersFile, usersFileInterval, again, o.Log) })
	}
	return func() {
		signal.Stop(hangups)
		cancel()
		group.Wait()
	}
}
