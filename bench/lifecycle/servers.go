package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"mlflow-server/bench/database"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/subject"
	"mlflow-server/internal/provision"
)

// The databases that servers are started on, as on the command line.
const (
	postgresql = "postgresql"
	sqlite     = "sqlite"
)

// servers starts what is measured, each on a database of its own, and stops all of it in the end.
type servers struct {
	dir     string
	kind    string // of database, where nothing else is said
	workers int
	product subject.Product
	peer    *subject.MLflow // nil when it is not installed

	stores  map[string]database.Store
	started []*subject.Server
}

func newServers(ctx context.Context, kind string, workers int, peers bool) (*servers, error) {
	if kind != postgresql && kind != sqlite {
		return nil, fmt.Errorf("there is no database %q: postgresql or sqlite", kind)
	}
	dir, err := os.MkdirTemp("", "mlflow-bench-")
	if err != nil {
		return nil, err
	}
	s := &servers{dir: dir, kind: kind, workers: workers, stores: map[string]database.Store{}}
	// PostgreSQL, which does not run as root, passes through.
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // passed through, not listed
		return nil, errors.Join(err, s.close())
	}
	if s.product, err = subject.Build(ctx, dir); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if !peers {
		return s, nil
	}
	runtime, err := provision.Find("")
	if err == nil {
		if found, err := peer.Find(runtime); err == nil {
			s.peer = &subject.MLflow{MLflow: found}
		}
	}
	return s, nil
}

// store is the database of this kind, which is started when it is first asked for.
func (s *servers) store(ctx context.Context, kind string) (store database.Store, err error) {
	if store, there := s.stores[kind]; there {
		return store, nil
	}
	if kind == sqlite {
		store = database.SQLite(s.dir)
	} else if store, err = database.Postgres(ctx, s.dir); err != nil {
		return nil, err
	}
	s.stores[kind] = store
	return store, nil
}

// starter is a subject that can be started.
type starter interface {
	Start(subject.Options) (*subject.Server, error)
}

// start starts a subject on a new database and waits for its first answer.
func (s *servers) start(ctx context.Context, what starter, kind string) (*subject.Server, error) {
	store, err := s.store(ctx, kind)
	if err != nil {
		return nil, err
	}
	uri, err := store.New(ctx)
	if err != nil {
		return nil, err
	}
	own := filepath.Join(s.dir, strconv.Itoa(len(s.started)))
	if err := os.Mkdir(own, 0o700); err != nil {
		return nil, err
	}
	server, err := what.Start(subject.Options{Dir: own, Database: uri, Workers: s.workers})
	if err != nil {
		return nil, err
	}
	s.started = append(s.started, server)
	_, err = server.Ready(ctx)
	return server, err
}

// another is one more of this project's servers.
func (s *servers) another(ctx context.Context) (*subject.Server, error) {
	return s.start(ctx, s.product, s.kind)
}

// close stops everything.
func (s *servers) close() (err error) {
	for _, server := range s.started {
		err = errors.Join(err, server.Stop())
	}
	for _, store := range s.stores {
		err = errors.Join(err, store.Close())
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// tails are the ends of all servers' logs, without the lines about requests.
func (s *servers) tails() (text string) {
	for _, server := range s.started {
		text += events(server.Tail(50_000)) + "\n"
	}
	return text
}
