package claim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"mlflow-server/bench/front"
	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
)

// contestant is one of those that are measured in turns.
type contestant struct {
	name string
	load load.Server
	// needs is all that runs while it is measured.
	needs    []started
	slow     bool
	expected float64 // our rate to its, at least; 0 expects nothing
}

// frontUser is who comes in through nginx or Caddy.
const frontUser, frontPassword = "bench", "correct horse battery staple"

// fronts starts nginx and Caddy before a server that has no login, and adds them to all. What is missing is left out with a
// note in a smoke run and installed in others.
func (b *Bench) fronts(ctx context.Context, r *result.Result, behind contestant, all *[]started) (fronts []contestant, err error) {
	if b.Scale.Install {
		if err := front.Install(ctx, b.Progress); err != nil {
			return nil, err
		}
	}
	r.Versions = maps.Clone(r.Versions)
	if found := front.Versions(ctx); r.Versions != nil {
		maps.Copy(r.Versions, found)
	}
	dir, err := b.directory()
	if err != nil {
		return nil, err
	}
	for _, kind := range []struct {
		name  string
		start func() (*front.Front, error)
	}{
		{"nginx and htpasswd", func() (*front.Front, error) {
			hash, err := front.APR1(frontUser, frontPassword)
			if err != nil {
				return nil, err
			}
			return startFront(front.Options{Dir: dir, Name: "nginx", Upstreams: behind.load.Addresses}, hash, front.Nginx)
		}},
		{"Caddy's basic_auth", func() (*front.Front, error) {
			program, err := front.FindCaddy(ctx, false)
			if err != nil {
				return nil, err
			}
			hash, err := front.Bcrypt(frontPassword, 10)
			if err != nil {
				return nil, err
			}
			return startFront(front.Options{Dir: dir, Name: "caddy", Upstreams: behind.load.Addresses}, hash,
				func(o front.Options) (*front.Front, error) { return front.Caddy(program, o) })
		}},
	} {
		f, err := kind.start()
		if missing := (front.Missing{}); errors.As(err, &missing) && !b.Scale.Install {
			r.Notes = append(r.Notes, kind.name+" is left out: "+missing.Error())
			continue
		}
		if err != nil {
			return nil, err
		}
		*all = append(*all, f)
		s := f.Load(frontUser, frontPassword)
		if err := f.Ready(ctx, s, search(0)); err != nil {
			return nil, fmt.Errorf("%s: %w", kind.name, err)
		}
		fronts = append(fronts, contestant{name: kind.name + " before " + behind.name, load: s, needs: append([]started{f}, behind.needs...)})
	}
	return fronts, nil
}

// startFront starts one with a file of one user.
func startFront(o front.Options, hash string, start func(front.Options) (*front.Front, error)) (*front.Front, error) {
	o.Users = filepath.Join(o.Dir, o.Name+".users")
	if err := os.WriteFile(o.Users, []byte(frontUser+":"+hash+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing the users: %w", err)
	}
	return start(o)
}

// besidePeers compares the gate with other servers.
func besidePeers(ctx context.Context, b *Bench, r *result.Result, ours contestant, peers []contestant, all []started) error {
	samples, err := b.inTurns(append([]contestant{ours}, peers...), all, func(c contestant) (float64, error) {
		got, err := b.rate(ctx, c.load, c.slow)
		return got.PerSecond(), err
	})
	if err != nil {
		return err
	}
	for i, p := range peers {
		f := result.Beside("Beside "+p.name, "requests/s", result.Of(ours.name, samples[0]...), result.Of(p.name, samples[i+1]...))
		if p.expected > 0 {
			f = f.RatioAtLeast(p.expected)
		}
		r.Figures = append(r.Figures, f)
	}
	return nil
}

// inTurns measures every contestant once in each round, none always first, with the machine to itself.
func (b *Bench) inTurns(contestants []contestant, all []started, one func(contestant) (float64, error)) ([][]float64, error) {
	samples := make([][]float64, len(contestants))
	for round := range b.Scale.Rounds {
		b.say("side by side, round %d of %d", round+1, b.Scale.Rounds)
		for i := range contestants {
			at := (i + round) % len(contestants)
			c := contestants[at]
			err := alone(c.needs, all, func() error {
				sample, err := one(c)
				samples[at] = append(samples[at], sample)
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return samples, nil
}
