package doctor

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/sizing"
	"mlflow-server/internal/tracking"
	"mlflow-server/internal/users"
)

// State is how good something is.
type State int

// The states, the worst last. They are the exit code of the command.
const (
	OK State = iota
	Warning
	Failure
)

func (s State) String() string { return [...]string{"ok", "warn", "fail"}[s] }

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing that was looked at.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Text  string `json:"text,omitempty"`
	// Fix is what to do about it, empty when it is fine.
	Fix string `json:"fix,omitempty"`
}

// Patient is what is looked at.
type Patient struct {
	// Config and its error: one of them is set.
	Config    *config.Config
	ConfigErr error
	// Runtime and its error.
	Runtime    provision.Runtime
	RuntimeErr error
	// MissingErr is what the runtime lacks for this configuration, as config.Problems.
	MissingErr error
	// Tracking is how MLflow would be run, for the database and the bucket.
	Tracking tracking.Options
	// MemoryLimit in bytes, 0 for none, its source, the machine's own memory, and the number of processors.
	MemoryLimit   int64
	MemorySource  string
	MachineMemory int64
	CPUs          int
	// OtherConnections to the database are those of native tracking.
	OtherConnections int
}

// limit is for the part that waits for others, beside the wait for the database.
const limit = 2 * time.Minute

// Examine looks at everything. What depends on something that is missing is left out.
func Examine(ctx context.Context, p Patient) []Finding {
	var all []Finding
	add := func(check string, state State, text, fix string) {
		all = append(all, Finding{Check: check, State: state, Text: text, Fix: fix})
	}
	configuration(p, add)
	if p.RuntimeErr != nil {
		add("runtime", Failure, p.RuntimeErr.Error(), "mlflow-server install")
	} else {
		text := fmt.Sprintf("MLflow %s, Python %s in %s", p.Runtime.MLflowVersion, p.Runtime.PythonVersion, p.Runtime.Dir)
		if p.Runtime.Locked {
			add("runtime", OK, text, "")
		} else {
			add("runtime", Warning, text+"; not the locked version: MLflow's own command line is run, which takes more memory and whose workers are not watched", "mlflow-server install")
		}
	}
	missing, _ := p.MissingErr.(config.Problems)
	for _, one := range missing {
		add("runtime", Failure, one.Variable+": "+one.Text, "change "+one.Variable)
	}
	if p.Config == nil {
		return all
	}
	logins(p.Config, add)
	memory(p, add)
	artifactPlace(p.Config, add)
	if p.RuntimeErr == nil {
		most := p.Tracking.DatabaseWait + limit
		ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("no answer within %v", most))
		defer cancel()
		found, err := tracking.Examine(ctx, p.Tracking, !p.Config.Service.Native)
		for _, f := range found {
			add(f.Check, stateOf(f.State), f.Text, f.Fix)
		}
		if err != nil {
			add("database and bucket", Failure, "could not be looked at: "+err.Error(), "see the lines above, and try again")
		}
	}
	if p.Config.Artifacts.Kind == config.S3 {
		bucket(ctx, p.Config, add)
	}
	return all
}

// stateOf is what those who look call it.
func stateOf(name string) State {
	switch name {
	case "ok":
		return OK
	case "warn":
		return Warning
	}
	return Failure
}

// Worst is the state that decides.
func Worst(all []Finding) State {
	if len(all) == 0 {
		return OK
	}
	return slices.MaxFunc(all, func(a, b Finding) int { return cmp.Compare(a.State, b.State) }).State
}

type adder func(check string, state State, text, fix string)

func configuration(p Patient, add adder) {
	problems, ok := p.ConfigErr.(config.Problems)
	switch {
	case p.ConfigErr == nil:
		c := p.Config
		add("configuration", OK, fmt.Sprintf("database from %s, artifacts in a %s, %s", c.Backend.Source, kind(c), count(len(c.Users), "user")), "")
	case !ok:
		add("configuration", Failure, p.ConfigErr.Error(), "let this user read it, or write it as .env.example is written")
	default:
		for _, one := range problems {
			add("configuration", Failure, one.Variable+": "+one.Text, "change "+one.Variable)
		}
	}
}

func kind(c *config.Config) string {
	if c.Artifacts.Kind == config.S3 {
		return "bucket"
	}
	return string(c.Artifacts.Kind)
}

// goodPassword is the length below which a password that is not random can be guessed over a network that is fast.
const goodPassword = 12

func logins(c *config.Config, add adder) {
	if c.DefaultLogin {
		add("login", Failure, "the password is the well-known default", "set MLFLOW_TRACKING_PASSWORD")
		return
	}
	short, long := 0, 0
	for _, u := range c.Users {
		switch password := u.Password.Reveal(); {
		case users.IsHash(password):
		case len(password) < goodPassword:
			short++
		default:
			long++
		}
	}
	if short > 0 {
		add("login", Warning, fmt.Sprintf("%s shorter than %d characters", count(short, "password"), goodPassword),
			"use longer ones: openssl rand -hex 16")
		return
	}
	var seen []string
	if long > 0 {
		seen = append(seen, fmt.Sprintf("%s of %d characters or more", count(long, "password"), goodPassword))
	}
	if hashed := len(c.Users) - long; hashed > 0 {
		seen = append(seen, count(hashed, "password")+" kept as a hash, so that its length is not known")
	}
	add("login", OK, strings.Join(seen, ", "), "")
}

func memory(p Patient, add adder) {
	runtime := p.Runtime
	if p.RuntimeErr != nil {
		runtime.Locked = true // as the one will be that "install" brings
	}
	choice := sizing.Choose(sizing.Demand{
		Workers: p.Config.Workers, MemoryLimit: p.MemoryLimit, MemorySource: p.MemorySource, MachineMemory: p.MachineMemory, CPUs: p.CPUs,
		Connections: p.Config.Capacity.MaxConnections, OtherConnections: p.OtherConnections,
		PublicCLI: tracking.PublicCLI(runtime, p.Config.Capacity.Jobs), Jobs: p.Config.Capacity.Jobs,
	})
	add("capacity", OK, choice.Reason, "")
	for _, warning := range choice.Warnings {
		text, fix, _ := strings.Cut(warning, "; ")
		add("capacity", Warning, text, fix)
	}
}

func artifactPlace(c *config.Config, add adder) {
	switch path := c.Artifacts.Path; {
	case c.Capacity.EphemeralArtifacts:
		add("artifacts", Failure, "a directory on the dyno's disk, which is emptied at every restart: uploads are refused",
			"set MLFLOW_ARTIFACT_URI to s3://bucket/prefix")
	case path != "":
		if err := writable(path); err != nil {
			add("artifacts", Failure, err.Error(), "let this user write there, or set MLFLOW_ARTIFACT_URI")
			return
		}
		add("artifacts", OK, path, "")
	}
}

// writable looks for the directory or, where it is not made yet, for the one it will be made in.
func writable(path string) error {
	for {
		probe, err := os.CreateTemp(path, ".mlflow-server-probe-*")
		if err == nil {
			_ = probe.Close()
			return os.Remove(probe.Name())
		}
		if !os.IsNotExist(err) {
			return fmt.Errorf("cannot write to %s: %w", path, err)
		}
		path = filepath.Dir(path)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
