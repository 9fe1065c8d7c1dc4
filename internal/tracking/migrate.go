package tracking

import (
	"context"
	"errors"
	"fmt"
)

// Migrate creates or upgrades the schema of the database and returns when it is what this MLflow wants: at once when it
// is that already. Several processes may do so at the same time, also beside running servers: a lock in the database
// lets one work and the others wait. It returns a FatalError when the database or the schema is not as it has to be.
func Migrate(ctx context.Context, o Options) error {
	o.Workers, o.Jobs = 1, false
	s, err := New(o)
	if err != nil {
		return err
	}
	s.task = taskMigrate
	adoptOrphans()
	switch run := s.runOnce(ctx); {
	case run.fatal != nil:
		return run.fatal
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	case !errors.Is(run.err, errEnded):
		return run.err
	}
	return nil
}
