package claim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var boot = Claim{
	Name: "boot", Title: "How long a start takes",
	Usage:   "time from the start to the open port and to the first answer, on a used and on an empty database, and from the disk",
	measure: measureBoot,
}

// startTimes are in milliseconds and seconds.
type startTimes struct{ bound, ready []float64 }

func measureBoot(ctx context.Context, b *Bench, r *result.Result) error {
	used := "" // what the first starts of ours leave
	for _, kind := range []struct {
		name string
		uri  func() (string, error)
	}{
		{"empty database", func() (string, error) { return b.Store.New(ctx) }},
		{"database in use", func() (string, error) { return used, nil }},
		{fromDisk, func() (string, error) { return used, b.coolDown() }},
	} {
		var ours, theirs startTimes
		for n := range b.Scale.Boots {
			b.say("start %d of %d, %s", n+1, b.Scale.Boots, kind.name)
			var err error
			if used, err = b.boot(ctx, b.Product, kind.uri, &ours); err != nil {
				return err
			}
			if b.Peer == nil {
				continue
			}
			if _, err := b.boot(ctx, subject.MLflow{MLflow: *b.Peer}, kind.uri, &theirs); err != nil {
				return err
			}
		}
		figure := func(name, unit string, ours, theirs []float64) result.Figure {
			name = kind.name + ": start to " + name
			if b.Peer == nil {
				return result.Alone(name, unit, result.Of("mlflow-server", ours...))
			}
			return result.Beside(name, unit, result.Of("mlflow-server", ours...), result.Of("`mlflow server`", theirs...))
		}
		r.Figures = append(r.Figures,
			figure("the open port", "ms", ours.bound, theirs.bound).ValueAtMost(100),
			figure("the first 200", "s", ours.ready, theirs.ready).RatioAtMost(0.5))
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("From the start of the process to the first TCP connection, and to the first 200 of `POST experiments/search`; %d workers, "+
			"%d starts each, in turns, one server at a time. Between the two this project's gate answers 503 with Retry-After.", workers, b.Scale.Boots),
		"Files are in the page cache and bytecode is compiled, on both sides. Database: "+b.Store.Name()+"; the empty one has no table yet.",
		"\"Files from the disk\": before each start the launcher, Python and both installations of MLflow are taken out of the page cache, as "+
			"after a start of the machine; the system's libraries and the database, which is in use, stay in it.")
	return nil
}

const fromDisk = "files from the disk"

// coolDown takes what a start reads out of the page cache.
func (b *Bench) coolDown() error {
	paths := []string{b.Product.Binary, b.Runtime.Dir}
	if b.Peer != nil {
		paths = append(paths, b.Peer.Dir)
	}
	python, err := filepath.EvalSymlinks(b.Runtime.Python)
	if err != nil {
		return err
	}
	prefix := filepath.Dir(filepath.Dir(python))
	libraries, err := filepath.Glob(filepath.Join(prefix, "lib", "*python3*")) // the standard library and, if it is apart, the interpreter's own
	if err != nil {
		return err
	}
	return process.Evict(append(append(paths, python), libraries...)...)
}

// boot measures one start and returns the database that it was with.
func (b *Bench) boot(ctx context.Context, s starter, database func() (string, error), t *startTimes) (uri string, err error) {
	if uri, err = database(); err != nil {
		return "", err
	}
	server, err := b.start(s, uri, workers)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	bound, err := server.Bound(ctx)
	if err != nil {
		return "", err
	}
	ready, err := server.Ready(ctx)
	t.bound, t.ready = append(t.bound, milliseconds(bound)), append(t.ready, ready.Seconds())
	return uri, err
}
