package claim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var login = Claim{
	Name: "login", Title: "What the login costs",
	Usage:   "requests per second through the gate, beside MLflow without it and MLflow's own login",
	measure: measureLogin,
}

// Experiments in the database, and how many of them a request asks for.
const experiments = 20

func search(int) load.Request { return subject.SearchExperiments(experiments) }

func measureLogin(ctx context.Context, b *Bench, r *result.Result) (err error) {
	database, err := b.Store.New(ctx)
	if err != nil {
		return err
	}
	var all []started
	defer func() { err = errors.Join(err, stopAll(all)) }()
	begin := func(s starter, name string) (*subject.Server, error) {
		b.say("starting %s, %d workers", name, workers)
		server, err := b.startReady(ctx, s, database, workers)
		if err == nil {
			all = append(all, server)
		}
		return server, err
	}
	// What the launcher answers by itself would hide what a login costs.
	gate, err := begin(b.Product.WithoutNative(), "mlflow-server")
	if err != nil {
		return err
	}
	if err := addExperiments(ctx, gate.Load); err != nil {
		return err
	}
	direct, err := subject.Direct(gate)
	if err != nil {
		return err
	}
	if err := besideChild(ctx, b, r, gate, direct); err != nil {
		return err
	}
	if b.Peer != nil {
		ours := contestant{name: "mlflow-server", load: gate.Load, needs: []started{gate}}
		var peers []contestant
		for _, c := range []struct {
			subject  subject.MLflow
			expected float64
		}{
			{subject.MLflow{MLflow: *b.Peer}, 1.3},
			{subject.MLflow{MLflow: *b.Peer, Login: true}, 20},
			{subject.MLflow{MLflow: *b.Peer, Login: true, Cached: true}, 0},
			{subject.MLflow{MLflow: *b.Peer, Tuned: true}, 0},
		} {
			server, err := begin(c.subject, c.subject.Name())
			if err != nil {
				return err
			}
			peers = append(peers, contestant{name: c.subject.Name(), load: server.Load, needs: []started{server},
				slow: c.subject.Login && !c.subject.Cached, expected: c.expected})
		}
		fronts, err := b.fronts(ctx, r, peers[len(peers)-1], &all)
		if err != nil {
			return err
		}
		if err := besidePeers(ctx, b, r, ours, append(peers, fronts...), all); err != nil {
			return err
		}
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("`POST experiments/search` (%d experiments in one answer of JSON) on %d keep-alive connections; every server with "+
			"%d workers, on the same database: %s.", experiments, b.Scale.Connections, workers, b.Store.Name()),
		"Native tracking is off: MLflow answers every request, which has to pass the gate.",
		"Directly: the same MLflow workers at the same time, asked on their unix sockets, where the gate asks them; the gate itself is "+
			"asked on a loopback port, logs each request, and its user has a plain password.",
		"Without jobs: MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false. nginx (with a password file as `htpasswd` makes it by default, apr1) and Caddy (bcrypt, "+
			"cost 10, which it remembers) stand before such a server and log each request; they have one user as well. MLflow's own login "+
			"hashes the password for every request (PBKDF2) unless its cache is on (auth_cache_ttl_seconds = 60).",
		fmt.Sprintf("Measured in turns of %v (MLflow's own login without its cache: %v); while one server is measured, the others' processes are stopped. Load "+
			"comes from the same machine, in Go.", b.Scale.Window, b.Scale.SlowWindow),
		"Given are medians, lowest and highest in parentheses; for ratios, which are taken turn by turn, an interval that holds the true "+
			"one with 95 % confidence or as noted, without assumptions about its distribution.")
	return nil
}

func addExperiments(ctx context.Context, s load.Server) error {
	for i := range experiments - 1 { // one is there from the start
		_, err := load.Do(ctx, s, load.Request{
			Method: "POST", Path: "/api/2.0/mlflow/experiments/create", Body: fmt.Sprintf(`{"name": "experiment %d"}`, i),
		})
		if err != nil {
			return fmt.Errorf("filling the database: %w", err)
		}
	}
	return nil
}

// besideChild compares the gate with the workers behind it.
func besideChild(ctx context.Context, b *Bench, r *result.Result, gate *subject.Server, direct load.Server) error {
	b.say("through the gate and past it, %d pairs", b.Scale.Pairs)
	var through, past, throughP50, pastP50 []float64
	var gateCPU, mlflowCPU, pastCPU time.Duration
	var throughCount, pastCount int
	one := func(s load.Server) (load.Result, time.Duration, time.Duration, error) {
		launcher, mlflow, err := processorTime(gate)
		if err != nil {
			return load.Result{}, 0, 0, err
		}
		result, err := b.rate(ctx, s, false)
		if err != nil {
			return result, 0, 0, err
		}
		launcherAfter, mlflowAfter, err := processorTime(gate)
		return result, launcherAfter - launcher, mlflowAfter - mlflow, err
	}
	if _, err := b.rate(ctx, direct, false); err != nil { // the first one is slower than all others
		return err
	}
	for pair := range b.Scale.Pairs {
		for _, gated := range []bool{pair%2 == 0, pair%2 != 0} { // the other way round every other time
			if gated {
				got, launcher, mlflow, err := one(gate.Load)
				if err != nil {
					return fmt.Errorf("through the gate: %w", err)
				}
				through, throughP50 = append(through, got.PerSecond()), append(throughP50, milliseconds(got.P50))
				gateCPU, mlflowCPU, throughCount = gateCPU+launcher, mlflowCPU+mlflow, throughCount+got.Sent
				continue
			}
			got, _, mlflow, err := one(direct)
			if err != nil {
				return fmt.Errorf("past the gate: %w", err)
			}
			past, pastP50 = append(past, got.PerSecond()), append(pastP50, milliseconds(got.P50))
			pastCPU, pastCount = pastCPU+mlflow, pastCount+got.Sent
		}
	}
	each := func(sum time.Duration, count int) float64 { return milliseconds(sum) / float64(max(count, 1)) }
	r.Figures = append(r.Figures,
		result.Beside("Beside the same MLflow asked directly", "requests/s", result.Of("mlflow-server", through...), result.Of("directly", past...)).
			RatioAtLeast(0.97),
		result.Beside("Median time of an answer", "ms", result.Of("mlflow-server", throughP50...), result.Of("directly", pastP50...)),
		result.Beside("Processor time of a request in the gate, beside MLflow's", "ms",
			result.Of("gate", each(gateCPU, throughCount)), result.Of("MLflow behind it", each(mlflowCPU, throughCount))),
		result.Beside("Processor time of a request in MLflow, through the gate and directly", "ms",
			result.Of("behind the gate", each(mlflowCPU, throughCount)), result.Of("directly", each(pastCPU, pastCount))),
	)
	return nil
}

// processorTime is what the launcher and what MLflow have used so far.
func processorTime(s *subject.Server) (launcher, mlflow time.Duration, err error) {
	tree, err := family(s)
	if err != nil {
		return 0, 0, err
	}
	return process.CPU(tree[:1]), process.CPU(tree[1:]), nil
}

// fewAnswers in a window say little: then it is measured again with twice the window, up to patient times as long.
const (
	fewAnswers = 5
	patient    = 8
)

// rate measures one server once.
func (b *Bench) rate(ctx context.Context, s load.Server, slow bool) (load.Result, error) {
	o := load.Options{Connections: b.Scale.Connections, WarmUp: b.Scale.WarmUp, Window: b.Scale.Window}
	if slow {
		o.WarmUp, o.Window = b.Scale.SlowWarmUp, b.Scale.SlowWindow
	}
	sent := 0
	for longest := patient * o.Window; ; o.Window *= 2 {
		got, err := b.load(ctx, s, o, search)
		sent += got.Sent
		got.Sent = sent
		if err != nil || got.Requests >= fewAnswers || o.Window >= longest {
			return got, err
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
