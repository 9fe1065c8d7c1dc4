package claim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/peer"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var small = Claim{
	Name: "small", Title: "What it does in 512 MB",
	Usage:   "requests per second of a server whose memory is limited to a small dyno's; needs a memory cgroup that can be written",
	measure: measureSmall,
}

// dyno is the memory of Heroku's smallest dynos, in MB (devcenter.heroku.com/articles/dyno-sizes).
const dyno = 512

// promised is how many workers of ours are expected to fit in there, and to answer everything.
const promised = 3

// patience is how long a server may take to its first answer in there; Heroku gives 60 s.
const patience = 3 * time.Minute

func measureSmall(ctx context.Context, b *Bench, r *result.Result) error {
	for _, c := range []struct {
		name    string
		subject starter
		workers int
	}{
		{"mlflow-server", b.Product, 1},
		{"mlflow-server", b.Product, promised},
		{"mlflow-server, MLflow answering everything,", b.Product.WithoutNative(), promised},
		{"`mlflow server`", subject.MLflow{MLflow: peerOf(b)}, 1},
		{"`mlflow server`", subject.MLflow{MLflow: peerOf(b)}, 2},
	} {
		if _, theirs := c.subject.(subject.MLflow); theirs && b.Peer == nil {
			continue
		}
		name := fmt.Sprintf("%s with %s", c.name, count(c.workers, "worker"))
		b.say("%s in %d MB", name, dyno)
		out, err := b.inSmall(ctx, c.subject, c.workers)
		if errors.Is(err, process.ErrNoMemoryGroup) {
			r.Notes = append(r.Notes, "Not measured: "+err.Error())
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		failed := result.Alone(name+": failed or unanswered", "%", result.Of(c.name, out.failed))
		killed := result.Alone(name+": killed for memory", "processes", result.Of(c.name, float64(out.killed)))
		if c.workers == promised {
			failed, killed = failed.ValueAtMost(0), killed.ValueAtMost(0)
		}
		r.Figures = append(r.Figures,
			result.Alone(name+": mixed requests answered", "answers/s", result.Of(c.name, out.rate)), failed, killed,
			result.Alone(name+": most memory in use", "of 512 MB", result.Of(c.name, out.most)))
		if out.remark != "" {
			r.Notes = append(r.Notes, name+": "+out.remark)
		}
	}
	r.Setup = append(r.Setup,
		"On PostgreSQL the launcher answers most of these calls; where MLflow answers everything, native tracking is switched off.",
		fmt.Sprintf("All processes of a server in one memory cgroup of %d MB, without swap; the kernel kills what goes beyond. The same mixed "+
			"requests as under \"How many calls it answers\", %d connections, for %v. A server that has not answered once after %v has rate 0.",
			dyno, b.Scale.Connections, b.Scale.SlowWindow, patience),
		fmt.Sprintf("Expected: with %d workers of this project nothing is killed and nothing fails.", promised),
		"The cgroup counts files that are cached as well; the kernel drops them before it kills.")
	return nil
}

func peerOf(b *Bench) (none peer.MLflow) {
	if b.Peer == nil {
		return none
	}
	return *b.Peer
}

// outcome is what a server did in too little memory.
type outcome struct {
	rate, failed, most float64
	killed             int
	remark             string
}

func (b *Bench) inSmall(ctx context.Context, s starter, workers int) (o outcome, err error) {
	group, err := process.NewMemoryGroup(dyno << 20)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, group.Close()) }()
	database, err := b.Store.New(ctx)
	if err != nil {
		return o, err
	}
	server, err := b.start(s, database, workers)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if err := group.Add(server.PID()); err != nil {
		return o, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	_, readyErr := server.Ready(waiting)
	cancel()
	if readyErr != nil {
		o.failed = 100
		o.remark = "it did not come up"
	} else if err := b.useSmall(ctx, server, &o); err != nil {
		return o, err
	}
	kills, most, err := group.Read()
	o.most = float64(most) / (1 << 20)
	if o.killed = kills; kills > 0 {
		o.remark = fmt.Sprintf("the kernel killed %d of its processes for memory; %s", kills, o.remark)
	}
	return o, err
}

// useSmall sends requests without minding how many fail: that is the question here.
func (b *Bench) useSmall(ctx context.Context, s *subject.Server, o *outcome) error {
	m, err := prepareMix(ctx, s.Load, 2*b.Scale.Connections)
	if err != nil {
		o.failed, o.remark = 100, "it broke down at its first requests"
		return nil
	}
	got, err := load.Run(ctx, s.Load, load.Options{Connections: b.Scale.Connections, WarmUp: b.Scale.SlowWarmUp, Window: b.Scale.SlowWindow}, m.training)
	if err != nil {
		return err
	}
	if got.Requests == 0 {
		o.failed, o.remark = 100, "no request was answered in time"
		return nil
	}
	o.rate = float64(got.Requests-got.Failed) / got.Took.Seconds()
	o.failed = 100 * float64(got.Failed) / float64(got.Requests)
	return nil
}
