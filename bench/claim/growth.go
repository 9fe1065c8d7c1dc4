package claim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var growth = Claim{
	Name: "growth", Title: "How cost grows",
	Usage:   "time of a call by runs in an experiment and metrics of a run, requests per second by users in the list",
	measure: measureGrowth,
}

func measureGrowth(ctx context.Context, b *Bench, r *result.Result) (err error) {
	database, err := b.Store.New(ctx)
	if err != nil {
		return err
	}
	var all []started
	defer func() { err = errors.Join(err, stopAll(all)) }()
	users, err := newUserList(b)
	if err != nil {
		return err
	}
	b.say("starting mlflow-server")
	dir, err := b.directory()
	if err != nil {
		return err
	}
	server, err := b.Product.Start(subject.Options{Dir: dir, Database: database, Workers: workers, Environ: []string{
		"MLFLOW_USERS_FILE=" + users.gateFile, "MLFLOW_TRACKING_USERNAME=", "MLFLOW_TRACKING_PASSWORD=",
	}})
	if err != nil {
		return err
	}
	all = append(all, server)
	server.Load.User, server.Load.Password = firstUser, listPassword
	if _, err := server.Ready(ctx); err != nil {
		return err
	}
	contestants := []contestant{{name: "mlflow-server", load: server.Load, needs: []started{server}}}
	if b.Peer != nil {
		tuned := subject.MLflow{MLflow: *b.Peer, Tuned: true}
		b.say("starting %s", tuned.Name())
		peer, err := b.startReady(ctx, tuned, database, workers)
		if err != nil {
			return err
		}
		all = append(all, peer)
		contestants = append(contestants, contestant{name: tuned.Name(), load: peer.Load, needs: []started{peer}})
	}
	if err := b.growingData(ctx, r, contestants, all); err != nil {
		return err
	}
	if err := b.growingUsers(ctx, r, server, users, all); err != nil {
		return err
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("Runs and metrics: both servers read the same database (%s), which is filled through the API; %d workers each; one request at a time, a sample "+
			"is the median of up to %d; %d rounds in turns, who is not measured stands still. Metrics are all points of one key for `metrics/get-history`, which the "+
			"client asks for in one answer, and as many keys for `runs/get`.", b.Store.Name(), workers, b.Scale.Asked, b.Scale.Rounds),
		fmt.Sprintf("Users: MLFLOW_USERS_FILE with bcrypt hashes of cost %d, beside nginx with an htpasswd file (apr1, its default) as long, which passes to the same "+
			"workers of MLflow; the last user of the file asks for `/version` on %d connections. A first request is that of somebody who has not signed in since the "+
			"file was read.", listCost, b.Scale.Connections),
		"Growth is the cost at the largest size beside that at the smallest, round by round. It is a small factor also where the shortest answer takes "+
			"long already: what is expected is that the largest size takes no longer than theirs, but for a tenth.")
	return nil
}

// grown is how many times as much the largest size costs as the smallest.
func grown(samples map[int][]float64, sizes []int) []float64 {
	least, most := samples[sizes[0]], samples[sizes[len(sizes)-1]]
	var times []float64
	for i := range min(len(least), len(most)) {
		times = append(times, most[i]/max(least[i], 1e-6))
	}
	return times
}

// growthFigures are the figure at each size and how it grows, ours beside theirs, where that is not nil.
func growthFigures(name, what, unit string, sizes []int, ours, theirs map[int][]float64, beside string) (figures []result.Figure) {
	figure := func(name, unit string, mine, other []float64) result.Figure {
		if theirs == nil {
			return result.Alone(name, unit, result.Of("mlflow-server", mine...))
		}
		return result.Beside(name, unit, result.Of("mlflow-server", mine...), result.Of(beside, other...))
	}
	for _, size := range sizes {
		figures = append(figures, figure(name+", "+count(size, what), unit, ours[size], theirs[size]))
	}
	growth := figure(fmt.Sprintf("%s: growth from %s to %s", name, count(sizes[0], what), count(sizes[len(sizes)-1], what)), "times",
		grown(ours, sizes), grown(theirs, sizes))
	return append(figures, growth)
}

// newUserList prepares a file of one user.
func newUserList(b *Bench) (*userList, error) {
	dir, err := b.directory()
	if err != nil {
		return nil, err
	}
	u := &userList{gateFile: filepath.Join(dir, "users"), dir: dir}
	return u, u.prepare()
}
