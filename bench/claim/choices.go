package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// Choices is not one of All: it is about this project alone.
var Choices = Claim{
	Name: "choices", Title: "What choices inside MLflow's processes are worth",
	Usage:   "memory and calls of this server without one of the choices that make it lean; not part of all, since it compares it with nobody",
	measure: measureChoices,
}

// without is this server without one of its choices: from other source, or told otherwise.
type without struct {
	choice  string
	edit    subject.Edit
	environ []string
}

const python = "internal/tracking/mlflow_serve/"

var choices = []without{
	{choice: "the bridge past FastAPI", edit: subject.Edit{File: python + "application.py", Old: `        app.native.mount("/", app.flask)
`, New: `        from starlette.middleware.wsgi import WSGIMiddleware

        app.native.mount("/", WSGIMiddleware(flask))
        app.flask = app.native
`}},
	{choice: "gc.freeze before the forks", edit: subject.Edit{File: python + "rehearsal.py", Old: "    gc.freeze()\n"}},
	{choice: "stores opened and calls rehearsed before the forks", edit: subject.Edit{File: python + "rehearsal.py", Old: `        _open_stores()
        asyncio.run(_native(bridge.native))
        _flask(bridge.wsgi)
`, New: "        pass\n"}},
	{choice: "two arenas of malloc", environ: []string{"MALLOC_ARENA_MAX=16"}}, // glibc's own limit on two processors
	{choice: "pandas and numpy left out", environ: []string{"MLFLOW_OPEN_ROUTES=gateway"}},
}

// worth is what one variant showed, in MB and requests/s.
type worth struct{ idle, after, rate []float64 }

func measureChoices(ctx context.Context, b *Bench, r *result.Result) error {
	// MLflow has to answer: what the launcher answers itself does not show how MLflow's processes are.
	unaided := []string{"MLFLOW_NATIVE_TRACKING=false"}
	whole := b.Product
	whole.Environ = unaided
	variants := []subject.Product{whole}
	for n, c := range choices {
		p := b.Product
		if c.edit.File != "" {
			var err error
			if p, err = subject.BuildEdited(ctx, b.Dir, fmt.Sprintf("without-%d", n), c.edit); err != nil {
				return err
			}
		}
		p.Environ = slices.Concat(unaided, c.environ)
		variants = append(variants, p)
	}
	found := make([]worth, len(variants))
	for round := range b.Scale.Turns {
		for i := range variants {
			n := (i + round) % len(variants)
			b.say("round %d of %d, variant %d of %d", round+1, b.Scale.Turns, n+1, len(variants))
			if err := b.value(ctx, variants[n], &found[n]); err != nil {
				return err
			}
		}
	}
	for n, c := range choices {
		for _, f := range []struct {
			name, unit string
			of         func(worth) []float64
		}{
			{"memory idle", "MB", func(w worth) []float64 { return w.idle }},
			{fmt.Sprintf("memory after %d requests", b.Scale.Requests), "MB", func(w worth) []float64 { return w.after }},
			{"mixed requests", "requests/s", func(w worth) []float64 { return w.rate }},
		} {
			r.Figures = append(r.Figures, result.Beside(c.choice+": "+f.name, f.unit, result.Of("with", f.of(found[0])...), result.Of("without", f.of(found[n+1])...)))
		}
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("One choice at a time is undone, in the source or by a variable; all variants in turns, %d rounds, one server at a time. %d workers, native "+
			"tracking off, so that MLflow answers everything.", b.Scale.Turns, workers),
		fmt.Sprintf("Memory as under \"%s\"; requests are the same mix, on %d connections, for %v.", memory.Title, b.Scale.Connections, b.Scale.SlowWindow),
		"Database: "+b.Store.Name()+", a new one for each start.")
	b.say("a threaded WSGI server")
	return b.besideThreaded(ctx, r)
}

// value measures one start of a variant.
func (b *Bench) value(ctx context.Context, p subject.Product, w *worth) (err error) {
	server, err := b.startNew(ctx, p, workers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	idle, after, more, err := b.used(ctx, server)
	if err != nil {
		return err
	}
	got, err := b.load(ctx, server.Load, load.Options{Connections: b.Scale.Connections, WarmUp: b.Scale.WarmUp, Window: b.Scale.SlowWindow}, more.request)
	w.idle, w.after, w.rate = append(w.idle, idle.all), append(w.after, after.all), append(w.rate, got.PerSecond())
	return err
}
