package claim

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

var scale = Claim{
	Name: "scale", Title: "Several instances on one database",
	Usage:   "mixed requests to 1, 2 and 4 instances on one database, and whether a session of one counts at the others",
	measure: measureScale,
}

// fleet are instances of one kind on one database, with one worker each.
type fleet struct {
	name      string
	instances []*subject.Server
	mix       mix
	// samples are rates by the number of instances, failed the requests without a good answer.
	samples map[int][]float64
	failed  map[int][]float64
	failure error
}

// first is how the first so many instances are reached as one server, as behind a router.
func (f *fleet) first(many int) load.Server {
	s := f.instances[0].Load
	s.Addresses, s.Host = nil, "127.0.0.1"
	for _, i := range f.instances[:many] {
		s.Addresses = append(s.Addresses, i.Load.Addresses...)
	}
	return s
}

func measureScale(ctx context.Context, b *Bench, r *result.Result) (err error) {
	var all []*subject.Server
	defer func() { err = errors.Join(err, stopAll(all)) }()
	most := slices.Max(b.Scale.Instances)
	// What instances have in common: the user, and the key that signs sessions.
	password := rand.Text()
	ours, err := b.fleet(ctx, b.Product, "mlflow-server", most, &all, password,
		"MLFLOW_TRACKING_PASSWORD="+password, "MLFLOW_SESSION_SECRET="+rand.Text()+rand.Text())
	if err != nil {
		return err
	}
	fleets := []*fleet{ours}
	if b.Peer != nil {
		tuned := subject.MLflow{MLflow: *b.Peer, Tuned: true}
		theirs, err := b.fleet(ctx, tuned, tuned.Name(), most, &all, "")
		if err != nil {
			return err
		}
		fleets = append(fleets, theirs)
	}
	refused, err := sessions(ctx, ours.instances)
	if err != nil {
		return err
	}
	for round := range b.Scale.Rounds {
		b.say("round %d of %d", round+1, b.Scale.Rounds)
		for _, many := range b.Scale.Instances {
			for i := range fleets {
				f := fleets[(i+round)%len(fleets)] // nobody is always the first
				if err := f.measure(ctx, b, many, all); err != nil {
					return fmt.Errorf("%s, %s: %w", f.name, count(many, "instance"), err)
				}
			}
		}
	}
	scaleFigures(b, r, fleets)
	r.Figures = append(r.Figures, result.Alone(fmt.Sprintf("Sessions of the first of %s that another one refuses", count(most, "instance")), "refused",
		result.Of("mlflow-server", refused)).ValueAtMost(0))
	r.Setup = append(r.Setup,
		fmt.Sprintf("Instances with one worker each on one database, one for ours and one for theirs: %s. %d connections, spread evenly over the "+
			"instances, send the same mixed requests as under \"How many calls it answers\". %d rounds of %v each, in turns; who is not measured stands still. "+
			"All instances have the same users and the same MLFLOW_SESSION_SECRET.", b.Store.Name(), b.Scale.Crowd, b.Scale.Rounds, b.Scale.Window),
		fmt.Sprintf("The instances, the database and the load share the %d cores of one machine: with 2, one instance leaves little of them, and more "+
			"instances cannot answer more. What this shows is that they do not get in each other's way; dynos and tasks have processors of their own.", r.Machine.Cores))
	return nil
}

// fleet starts instances on a new database, and adds them to all. password is the users' where the environment sets one.
func (b *Bench) fleet(ctx context.Context, s starter, name string, many int, all *[]*subject.Server, password string, environ ...string) (*fleet, error) {
	database, err := b.Store.New(ctx)
	if err != nil {
		return nil, err
	}
	f := &fleet{name: name, samples: map[int][]float64{}, failed: map[int][]float64{}}
	for n := range many {
		b.say("starting instance %d of %s", n+1, name)
		dir, err := b.directory()
		if err != nil {
			return nil, err
		}
		server, err := s.Start(subject.Options{Dir: dir, Database: database, Workers: 1, Environ: environ})
		if err != nil {
			return nil, err
		}
		server.Load.Password = password
		*all, f.instances = append(*all, server), append(f.instances, server)
		if n > 0 {
			continue
		}
		// The first one makes the tables, and the others, which start together, find them.
		if _, err := server.Ready(ctx); err != nil {
			return nil, err
		}
	}
	for _, server := range f.instances {
		if _, err := server.Ready(ctx); err != nil {
			return nil, err
		}
	}
	f.mix, err = prepareMix(ctx, f.first(1), 2*b.Scale.Crowd)
	return f, err
}

// measure sends requests to the first so many instances, which have the machine to themselves.
func (f *fleet) measure(ctx context.Context, b *Bench, many int, all []*subject.Server) error {
	return alone(f.instances[:many], all, func() error {
		got, err := load.Run(ctx, f.first(many), load.Options{Connections: b.Scale.Crowd, WarmUp: b.Scale.WarmUp, Window: b.Scale.Window, Patience: stuck}, f.mix.training)
		f.samples[many] = append(f.samples[many], float64(got.Requests-got.Failed)/max(got.Took.Seconds(), 1e-9))
		f.failed[many] = append(f.failed[many], float64(got.Failed))
		f.failure = cmp.Or(f.failure, got.Failure)
		return err
	})
}

// scaleFigures are the rates beside theirs, beside those of one instance, and what failed.
func scaleFigures(b *Bench, r *result.Result, fleets []*fleet) {
	ours := fleets[0]
	for _, many := range b.Scale.Instances {
		name := "Mixed requests, " + count(many, "instance")
		mine := result.Of(ours.name, ours.samples[many]...)
		if len(fleets) == 1 {
			r.Figures = append(r.Figures, result.Alone(name, "requests/s", mine))
			continue
		}
		theirs := fleets[1]
		r.Figures = append(r.Figures, result.Beside(name, "requests/s", mine, result.Of(theirs.name, theirs.samples[many]...)).RatioAtLeast(1))
	}
	for _, f := range fleets {
		for _, many := range b.Scale.Instances[1:] {
			r.Figures = append(r.Figures, result.Beside(fmt.Sprintf("%s: %d instances beside one", f.name, many), "requests/s",
				result.Of(fmt.Sprintf("%d instances", many), f.samples[many]...), result.Of("1 instance", f.samples[1]...)))
		}
	}
	for _, f := range fleets {
		for _, many := range b.Scale.Instances {
			failed := result.Alone(fmt.Sprintf("%s, %s: failed", f.name, count(many, "instance")), "requests", result.Of(f.name, f.failed[many]...))
			if f == ours {
				failed = failed.ValueAtMost(0)
			}
			r.Figures = append(r.Figures, failed)
		}
		if f.failure != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("%s: the first request without a good answer within %v had: %v. They are not counted in the rate.", f.name, stuck, f.failure))
		}
	}
}

// sessions signs in at the first instance and counts those of the others that refuse the session.
func sessions(ctx context.Context, instances []*subject.Server) (refused float64, err error) {
	first := instances[0].Load
	cookie, err := session(ctx, "http://"+first.Addresses[0], first.User, first.Password)
	if err != nil {
		return 0, err
	}
	for _, i := range instances[1:] {
		without, err := status(ctx, i.Load, nil)
		if err != nil {
			return refused, err
		}
		if without != http.StatusUnauthorized {
			return refused, fmt.Errorf("a request without a login got %d, so that sessions prove nothing", without)
		}
		with, err := status(ctx, i.Load, cookie)
		if err != nil {
			return refused, err
		}
		if with != http.StatusOK {
			refused++
		}
	}
	return refused, nil
}

// status asks for MLflow's version with nothing but a cookie.
func status(ctx context.Context, s load.Server, cookie *http.Cookie) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addresses[0]+"/version", nil)
	if err != nil {
		return 0, err
	}
	if cookie != nil {
		request.AddCookie(cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, fmt.Errorf("trying a session: %w", err)
	}
	return answer.StatusCode, answer.Body.Close()
}
