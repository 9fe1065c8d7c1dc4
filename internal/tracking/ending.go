package tracking

import (
	"log/slog"
	"time"
)

// ending is how long a child that has been asked to end is waited for.
type ending struct {
	usual, migration time.Duration // as StopTimeout and FinishMigration of Options
	log              *slog.Logger

	asked    time.Time
	patience time.Duration
	over     <-chan time.Time // gets a value when the child has to be killed; nil before the end is asked for and after that
}

// begin is called when the child has been asked to end. migrates says that it is changing the schema.
func (e *ending) begin(migrates bool) {
	e.asked = time.Now()
	e.patience, e.over = e.usual, time.After(e.usual)
	if migrates {
		e.finishMigration()
	}
}

// finishMigration gives a change of the schema its time. One can begin when the end has been asked for already: the child's
// last look at its lifeline may have been a moment earlier, and half a change is worse than none.
func (e *ending) finishMigration() {
	if e.over == nil || e.patience == e.migration {
		return
	}
	e.log.Info("stopping when the database's schema is up to date", "after_at_most", e.migration)
	e.patience, e.over = e.migration, time.After(e.migration-time.Since(e.asked))
}

// end notes that the child is killed.
func (e *ending) end() {
	e.log.Warn("MLflow did not stop in time and is killed", "after", e.patience)
	e.over = nil
}
