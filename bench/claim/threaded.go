package claim

import (
	"context"
	"errors"
	"fmt"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// threads is how many calls a worker answers at a time in both: this project's number where nothing limits it.
const threads = 8

// mostCounted requests are enough for a rate, of which there are many.
const mostCounted = 300

// besideThreaded measures MLflow's processes as they are, one server that hands most calls to Flask in a thread, beside the
// other way: a threaded WSGI server for Flask. Neither has a gate before it.
func (b *Bench) besideThreaded(ctx context.Context, r *result.Result) (err error) {
	if b.Peer == nil {
		r.Notes = append(r.Notes, "Not measured: the threaded WSGI server comes with the MLflow to compare with.")
		return nil
	}
	own := b.Product.WithoutNative()
	own.Environ = append(own.Environ, "MLFLOW_DB_MAX_CONNECTIONS=0") // so that it has all threads
	var all []*subject.Server
	defer func() { err = errors.Join(err, stopAll(all)) }()
	var ways [2]load.Server
	var mixes [2]mix
	for i, s := range []starter{own, subject.Threaded{MLflow: *b.Peer, Threads: threads}} {
		server, err := b.startNew(ctx, s, workers)
		if err != nil {
			return err
		}
		all = append(all, server)
		if mixes[i], err = prepareMix(ctx, server.Load, 2*b.Scale.Connections); err != nil {
			return err
		}
		ways[i] = server.Load
	}
	if ways[0], err = subject.Direct(all[0]); err != nil {
		return err
	}
	requests := min(b.Scale.Requests, mostCounted)
	for _, w := range works {
		var rates [2][]float64
		for range max(b.Scale.Turns, b.Scale.Rounds) {
			for i := range ways {
				got, err := b.load(ctx, ways[i], load.Options{Connections: b.Scale.Connections, Requests: requests},
					func(n int) load.Request { return w.request(mixes[i], n) })
				if err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				rates[i] = append(rates[i], got.PerSecond())
			}
		}
		r.Figures = append(r.Figures, result.Beside(w.name+", without a gate", "requests/s",
			result.Of("uvicorn and the bridge", rates[0]...), result.Of("gunicorn, threads", rates[1]...)))
	}
	r.Setup = append(r.Setup, fmt.Sprintf("The last figures: MLflow's processes without the gate, beside MLflow's Flask application alone in gunicorn with the same "+
		"number of workers, forked from one that has imported it, and of threads (%d); both run at the same time and are measured in turns, %d requests on %d connections.",
		threads, requests, b.Scale.Connections))
	return nil
}
