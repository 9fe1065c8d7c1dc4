package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"mlflow-server/bench/front"
	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
)

// path is what is asked for: any of MLflow's.
const path = "/version"

// Scale is how long and how often.
type Scale struct {
	Rounds      int
	Window      time.Duration
	Connections int
	// Build says that nginx, openssl and Caddy may be installed if they are not there. Otherwise Caddy is left out.
	Build bool
}

// The scales: Full gives figures to publish, in about three minutes, Smoke shows that it runs.
var (
	Full  = Scale{Rounds: 10, Window: 1500 * time.Millisecond, Connections: 16, Build: true}
	Smoke = Scale{Rounds: 1, Window: 500 * time.Millisecond, Connections: 2}
)

// Measure takes the figures: every server in turns, in each round.
func Measure(ctx context.Context, o Scale, versions map[string]string, say func(string)) (r result.Result, err error) {
	dir, err := os.MkdirTemp("", "bench-gate-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.Build {
		if err := front.Install(ctx, say); err != nil {
			return r, err
		}
	}
	known := front.Versions(ctx)
	maps.Copy(known, versions)
	b := &bench{dir: dir}
	defer func() {
		for _, p := range b.all {
			err = errors.Join(err, p.Stop())
		}
	}()
	r = result.Result{Claim: Name, Title: "The gate alone", Began: time.Now().Truncate(time.Second), Machine: result.ThisMachine(), Versions: known}
	mine, peers, err := b.subjects(ctx, o)
	if err != nil {
		return r, err
	}
	all := append([]subject{mine[0], mine[1]}, peers...)
	rates, costs := make([][]float64, len(all)), make([][]float64, len(all))
	for round := range o.Rounds {
		for i := range all {
			n := (i + round) % len(all) // nobody is always first
			before, err := all[n].processorTime()
			if err != nil {
				return r, err
			}
			got, err := load.Run(ctx, all[n].load, load.Options{Connections: o.Connections, WarmUp: 200 * time.Millisecond, Window: o.Window * all[n].patience()},
				func(int) load.Request { return load.Request{Method: "GET", Path: path} })
			if err != nil {
				return r, err
			}
			if got.Failed > 0 {
				return r, fmt.Errorf("%s: %d of %d failed: %w", all[n].name, got.Failed, got.Requests, got.Failure)
			}
			after, err := all[n].processorTime()
			if err != nil {
				return r, err
			}
			rates[n] = append(rates[n], got.PerSecond())
			costs[n] = append(costs[n], (after-before).Seconds()*1000/float64(max(1, got.Sent)))
		}
		say(fmt.Sprintf("round %d of %d", round+1, o.Rounds))
	}
	r.Figures = append(r.Figures, result.Beside("Beside the gate with a plain password: with a bcrypt hash of cost 10", "requests/s",
		result.Of(all[1].name, rates[1]...), result.Of(all[0].name, rates[0]...)))
	for i, p := range peers {
		f := result.Beside("Beside "+p.name, "requests/s", result.Of(all[1].name, rates[1]...), result.Of(p.name, rates[i+2]...))
		if p.expected > 0 {
			f = f.RatioAtLeast(p.expected)
		}
		r.Figures = append(r.Figures, f)
	}
	for i, p := range peers {
		r.Figures = append(r.Figures, result.Beside("Processor time of a request, beside "+p.name, "ms",
			result.Of(all[1].name, costs[1]...), result.Of(p.name, costs[i+2]...)))
	}
	r.Seconds = time.Since(r.Began).Seconds()
	r.Setup = append(r.Setup,
		fmt.Sprintf("`GET %s` with Basic credentials on %d keep-alive connections, through each server to the same nginx, which answers two bytes; "+
			"every server logs each request into a file. Load comes from the same machine, in Go, and takes its share of it.", path, o.Connections),
		"The load and the null server take a part of the same processors' time, the same for every request: it keeps ratios of rates nearer to 1 than "+
			"those of processor time, which is the server's alone.",
		fmt.Sprintf("Measured in turns of %v (four times that where every request takes a slow hash), %d rounds; medians, lowest and highest in parentheses.", o.Window, o.Rounds))
	return r, nil
}

// subjects starts the upstream, ours (with a plain password, and with a hash) and its peers.
func (b *bench) subjects(ctx context.Context, o Scale) (mine, peers []subject, err error) {
	if err := b.null(ctx); err != nil {
		return nil, nil, err
	}
	ten, err10 := front.Bcrypt(password, 10)
	five, err5 := front.Bcrypt(password, 5)
	md5, errMD5 := front.APR1(user, password)
	if err := errors.Join(err10, err5, errMD5); err != nil {
		return nil, nil, err
	}
	var all []subject
	add := func(s subject, more error) {
		err = errors.Join(err, more)
		all = append(all, s)
	}
	add(b.ours("the gate, plain password", password))
	add(b.ours("the gate, bcrypt 10", ten))
	add(b.nginx("nginx without a login", "", 0.5))
	add(b.nginx("nginx, apr1", md5, 1.3))
	add(b.nginx("nginx, bcrypt 5", five, 10))
	add(b.nginx("nginx, bcrypt 10", ten, 100))
	program, caddyErr := front.FindCaddy(ctx, o.Build)
	if caddyErr == nil {
		add(b.caddy(program, ten))
	} else if o.Build || !errors.As(caddyErr, new(front.Missing)) {
		err = errors.Join(err, caddyErr)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, s := range all {
		if err := s.ready(ctx); err != nil {
			return nil, nil, err
		}
	}
	return all[:2], all[2:], nil
}

// processorTime is what a subject's processes have used so far.
func (s subject) processorTime() (time.Duration, error) {
	tree, err := process.Tree(s.running.PID())
	return process.CPU(tree), err
}
