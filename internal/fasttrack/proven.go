package fasttrack

import (
	_ "embed"
	"errors"
	"strings"
)

// provenText holds the version of MLflow and the revision of its schema that the differential proof was passed with. The
// command in prove renews it.
//
//go:embed proven.txt
var provenText string

// Proof is what was proven equal.
type Proof struct {
	// MLflow is the version that answers were compared with, Revision the one of its database schema (Alembic's).
	MLflow, Revision string
}

var proven = func() Proof {
	version, revision, _ := strings.Cut(strings.TrimSpace(provenText), " ")
	return Proof{MLflow: version, Revision: revision}
}()

// Proven is what this release was proven against.
func Proven() Proof { return proven }

var (
	errUnproven   = errors.New("not the one that this release was proven against")
	errUnreadable = errors.New("the database's URI is not one that the native path can use")
)
