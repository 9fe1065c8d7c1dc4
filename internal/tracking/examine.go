package tracking

import (
	"context"
	"errors"
	"fmt"
)

// Finding is one thing that an examination has looked at.
type Finding struct {
	// Check names it, State is "ok", "warn" or "fail".
	Check, State string
	// Text is what was found, Fix what to do about it; each may be empty.
	Text, Fix string
}

// Examine looks at the database with MLflow's own drivers and, where MLflow serves the artifacts, at the bucket with its
// client of S3. It changes nothing: what it writes to see whether it can, it takes away again. When ctx ends, the error names what was being looked at.
func Examine(ctx context.Context, o Options, bucket bool) ([]Finding, error) {
	o.Workers, o.Jobs = 1, false
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	var all []Finding
	last := "MLflow's drivers"
	s.task = taskExamine
	if bucket {
		s.task = taskExamineAll
	}
	s.found = func(f Finding) { all = append(all, f) }
	s.looking = func(check string) { last = check }
	adoptOrphans()
	run := s.runOnce(ctx)
	if err := context.Cause(ctx); err != nil { // it was killed, which says nothing
		return all, fmt.Errorf("while looking at %s: %w", last, err)
	}
	if run.fatal != nil {
		return all, run.fatal
	}
	if !errors.Is(run.err, errEnded) {
		return all, run.err
	}
	return all, nil
}
