// Package database makes the backend stores of what is measured.
package database

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
)

// Store makes databases.
type Store interface {
	// Name is what it is and how it is set up, for the report.
	Name() string
	// New makes an empty database and returns its SQLAlchemy URI, the driver explicit.
	New(ctx context.Context) (uri string, err error)
	// Close ends what was started for it.
	Close() error
}

// SQLite makes databases that are files in dir.
func SQLite(dir string) Store { return &sqlite{dir: dir} }

type sqlite struct {
	dir  string
	made atomic.Int64
}

func (s *sqlite) Name() string { return "SQLite" }

func (s *sqlite) New(context.Context) (string, error) {
	return "sqlite:///" + filepath.Join(s.dir, fmt.Sprintf("mlflow-%d.db", s.made.Add(1))), nil
}

func (s *sqlite) Close() error { return nil }
