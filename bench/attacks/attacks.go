// Package attacks measures what users notice of those who attack: how much later they are answered while somebody guesses
// passwords or holds connections open, and what the time of an answer tells about users.
package attacks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"mlflow-server/bench/load"
	"mlflow-server/bench/process"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// Name is the measurement's on the command line.
const Name = "attacks"

// Scale is how long and how often.
type Scale struct {
	// Rounds is how often each attack is measured, Window for how long users are answered beside it.
	Rounds int
	Window time.Duration
	// Guesses are sent in each round, evenly over the window, so many AtOnce; Slow is how many connections are held open.
	Guesses, AtOnce, Slow int
	// Homes is how many addresses those guesses come from that are put off.
	Homes uint32
	// Attempts is how often each kind of login is timed.
	Attempts int
	// Cost is that of the attacked users' password hashes.
	Cost int
}

// The scales: Full gives figures to publish in some minutes, Smoke shows that it runs. Of Full's guesses more are on their
// way at once than may wait for a hash (256), so that all ten rounds have more than 10,000 that were answered.
var (
	Full  = Scale{Rounds: 10, Window: 4 * time.Second, Guesses: 1500, AtOnce: 320, Slow: 1000, Homes: 100, Attempts: 1000, Cost: 10}
	Smoke = Scale{Rounds: 1, Window: 500 * time.Millisecond, Guesses: 50, AtOnce: 16, Slow: 50, Homes: 50, Attempts: 5, Cost: bcrypt.MinCost}
)

const (
	// connections is how many requests of users are in flight.
	connections = 4
	victim      = "ann"
	// otherVictim has the same password.
	otherVictim = "bea"
)

// Measure takes the figures.
func Measure(ctx context.Context, o Scale, versions map[string]string, say func(string)) (r result.Result, err error) {
	dir, err := os.MkdirTemp("", "bench-attacks-")
	if err != nil {
		return r, fmt.Errorf("making a directory for the measurement: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	r = result.Result{Claim: Name, Title: "Under attack", Began: began.Truncate(time.Second), Machine: result.ThisMachine(), Versions: versions,
		Setup: []string{
			fmt.Sprintf("Users: `POST experiments/search` on %d keep-alive connections through the gate to MLflow with 2 workers on SQLite, %v at a time. "+
				"Attackers run on the same machine and take their share of its processors, as they would not from outside.", connections, o.Window),
			fmt.Sprintf("Guessing: up to %d wrong passwords in each round, %d at once, for users whose passwords are bcrypt hashes of cost %d. "+
				"Holding on: %d connections with half a request.", o.Guesses, o.AtOnce, o.Cost, o.Slow),
			"The launcher's memory is read before the first round and after each turn of an attack; the runtime gives back what it no longer needs with some delay.",
		}}
	say("building")
	product, err := subject.Build(ctx, dir)
	if err != nil {
		return r, err
	}
	server, err := start(ctx, dir, product, o.Cost)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if err := besideAttacks(ctx, server, o, &r, say); err != nil {
		return r, err
	}
	say("the time of a login")
	if err := timing(ctx, o, &r); err != nil {
		return r, err
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

func start(ctx context.Context, dir string, product subject.Product, cost int) (*subject.Server, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte("the right one"), cost)
	if err != nil {
		return nil, err
	}
	own := filepath.Join(dir, "server")
	if err := os.Mkdir(own, 0o700); err != nil {
		return nil, err
	}
	server, err := product.Start(subject.Options{Dir: own, Database: "sqlite:///" + filepath.Join(own, "mlflow.db"), Workers: 2, Environ: []string{
		"MLFLOW_TRACKING_USERNAME=bench," + victim + "," + otherVictim,
		"MLFLOW_TRACKING_PASSWORD=" + userPassword + "," + string(hash) + "," + string(hash), "MLFLOW_TRUSTED_PROXIES=1",
	}})
	if err != nil {
		return nil, err
	}
	server.Load.Password = userPassword
	if _, err := server.Ready(ctx); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

// userPassword is that of the user who is not attacked.
const userPassword = "a plain password of the one who works"

// attack is something that goes on while users are answered.
type attack struct {
	name string
	run  func(context.Context) error
}

// besideAttacks measures users' answers without and with each attack, in turns: first those who guess, then those who
// hold connections open, which takes memory that the runtime keeps for a while.
func besideAttacks(ctx context.Context, server *subject.Server, o Scale, r *result.Result, say func(string)) error {
	address := server.Load.Addresses[0]
	fresh, known := &guesser{address: address, user: victim, homes: newHome, atOnce: o.AtOnce}, &guesser{address: address, user: otherVictim, homes: o.Homes, atOnce: o.AtOnce}
	before, err := launcherMemory(server)
	if err != nil {
		return err
	}
	say("guessing until it is put off")
	if err := known.untilPutOff(ctx); err != nil {
		return err
	}
	for _, together := range [][]attack{
		{
			{"guesses from new addresses, as many looked at as can be", func(ctx context.Context) error { return fresh.guess(ctx, o.Guesses, o.Window) }},
			{fmt.Sprintf("guesses from %d addresses, put off", o.Homes), func(ctx context.Context) error { return known.guess(ctx, o.Guesses, o.Window) }},
		},
		{{"connections held open", func(ctx context.Context) error { return holdOpen(ctx, address, o.Slow) }}},
	} {
		if err := besideThese(ctx, server, o, together, before, r, say); err != nil {
			return err
		}
	}
	r.Notes = append(r.Notes,
		fmt.Sprintf("Of %d guesses from new addresses %s.", fresh.sent.Load(), fresh.fate()),
		fmt.Sprintf("Of %d guesses from %d addresses %s.", known.sent.Load(), o.Homes, known.fate()))
	return nil
}

// besideThese measures some attacks in turns with nothing. before is the launcher's memory before all of them.
func besideThese(ctx context.Context, server *subject.Server, o Scale, attacks []attack, before float64, r *result.Result, say func(string)) error {
	attacks = append([]attack{{name: "nothing"}}, attacks...)
	p99, p50, memory := make([][]float64, len(attacks)), make([][]float64, len(attacks)), make([][]float64, len(attacks))
	for round := range o.Rounds {
		say(fmt.Sprintf("beside %s: round %d of %d", attacks[1].name, round+1, o.Rounds))
		for i := range attacks {
			n := (i + round) % len(attacks) // nobody is always first
			got, err := beside(ctx, attacks[n].run, func() (load.Result, error) {
				return load.Run(ctx, server.Load, load.Options{Connections: connections, WarmUp: 300 * time.Millisecond, Window: o.Window},
					func(int) load.Request { return subject.SearchExperiments(20) })
			})
			if err != nil {
				return fmt.Errorf("%s: %w", attacks[n].name, err)
			}
			if got.Failed > 0 {
				return fmt.Errorf("%s: %d of %d requests of a user failed: %w", attacks[n].name, got.Failed, got.Requests, got.Failure)
			}
			p99[n], p50[n] = append(p99[n], got.P99.Seconds()*1000), append(p50[n], got.P50.Seconds()*1000)
			after, err := launcherMemory(server)
			if err != nil {
				return err
			}
			memory[n] = append(memory[n], after)
		}
	}
	for n, a := range attacks[1:] {
		r.Figures = append(r.Figures,
			result.Beside("99th percentile of users' answers beside "+a.name, "ms", result.Of(a.name, p99[n+1]...), result.Of("without", p99[0]...)).RatioAtMost(2),
			result.Beside("median of users' answers beside "+a.name, "ms", result.Of(a.name, p50[n+1]...), result.Of("without", p50[0]...)),
			result.Beside("memory of the launcher after "+a.name, "MB", result.Of("after", memory[n+1]...), result.Of("before all attacks", before)))
	}
	return nil
}

// beside runs an attack for as long as do takes.
func beside(ctx context.Context, attack func(context.Context) error, do func() (load.Result, error)) (load.Result, error) {
	if attack == nil {
		return do()
	}
	ctx, cancel := context.WithCancel(ctx)
	attacked := make(chan error, 1)
	go func() { attacked <- attack(ctx) }()
	got, err := do()
	cancel()
	return got, errors.Join(err, <-attacked)
}

// launcherMemory is what the gate's process holds, in MB.
func launcherMemory(s *subject.Server) (float64, error) {
	tree, err := process.Tree(s.PID())
	if err != nil {
		return 0, err
	}
	if len(tree) == 0 || strings.Contains(tree[0].Command, "python") {
		return 0, errors.New("the launcher is not there")
	}
	bytes, err := process.PSS(tree[:1])
	return float64(bytes) / (1 << 20), err
}
