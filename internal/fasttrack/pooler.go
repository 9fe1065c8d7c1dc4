package fasttrack

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pooler knows whether something like PgBouncer stands between this server and the database and gives each transaction
// another connection. Statements that are prepared by name do not work then. Unnamed ones do, as all of their messages go
// out together; the database plans them each time, so they are not what everybody gets.
type pooler struct {
	mu            sync.Mutex
	known, pooled bool
}

// choose decides how statements are sent over a connection that is about to be made (pgxpool's BeforeConnect). The first one
// looks: a pooler gives its clients a process id of its own, which is not the one of the process that answers.
func (p *pooler) choose(ctx context.Context, config *pgx.ConnConfig) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.known {
		pooled, err := answersAsAnother(ctx, config)
		if err != nil {
			return fmt.Errorf("looking whether connections are pooled: %w", err)
		}
		p.known, p.pooled = true, pooled
	}
	if p.pooled {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

func answersAsAnother(ctx context.Context, config *pgx.ConnConfig) (pooled bool, err error) {
	c, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	var answering uint32
	if err := c.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&answering); err != nil {
		return false, err
	}
	return answering != c.PgConn().PID(), nil
}

// betrayed says whether an error shows a pooler that choose did not see, and remembers it: a statement is not there that
// was prepared before, or is there already (source: https://www.postgresql.org/docs/current/errcodes-appendix.html).
func (p *pooler) betrayed(err error) bool {
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "26000" && refusal.Code != "42P05" {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found := !p.pooled
	p.known, p.pooled = true, true
	return found
}
