package doctor

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
	"mlflow-server/internal/terminal"
)

// patient has no runtime, so that nothing is started.
func patient(t *testing.T) Patient {
	return Patient{
		Config: &config.Config{
			Users:     []config.User{{Name: "ann", Password: "a long enough password"}},
			Backend:   config.Backend{Source: "MLFLOW_DATA_DIR"},
			Artifacts: config.Artifacts{Kind: config.Directory, Path: filepath.Join(t.TempDir(), "not", "yet", "made")},
		},
		RuntimeErr: provision.ErrNotInstalled,
	}
}

func find(all []Finding, check string) Finding {
	for _, f := range all {
		if f.Check == check {
			return f
		}
	}
	return Finding{Check: "missing"}
}

func TestWhatIsFoundHasAState(t *testing.T) {
	for _, tt := range []struct {
		name, check string
		change      func(*Patient)
		state       State
		text        string
	}{
		{"all is well", "configuration", func(*Patient) {}, OK, "1 user"},
		{"a place for artifacts that is not made yet", "artifacts", func(*Patient) {}, OK, "made"},
		{"no runtime", "runtime", func(*Patient) {}, Failure, "no MLflow runtime"},
		{"a configuration that cannot be read", "configuration", func(p *Patient) { p.Config, p.ConfigErr = nil, errors.New("no .env") }, Failure, "no .env"},
		{"a bad variable", "configuration", func(p *Patient) {
			p.Config, p.ConfigErr = nil, config.Problems{{Variable: "PORT", Text: "is not a port"}}
		}, Failure, "PORT: is not a port"},
		{"the default login", "login", func(p *Patient) { p.Config.DefaultLogin = true }, Failure, "well-known"},
		{"a short password", "login", func(p *Patient) { p.Config.Users[0].Password = "short" }, Warning, "1 password shorter"},
		{"a hash", "login", func(p *Patient) {
			p.Config.Users[0].Password = "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
		}, OK, "1 password kept as a hash"},
		{"a good password", "login", func(*Patient) {}, OK, "1 password of 12 characters or more"},
		{"artifacts on a dyno", "artifacts", func(p *Patient) { p.Config.Capacity.EphemeralArtifacts = true }, Failure, "emptied"},
		{"artifacts where nobody can write", "artifacts", func(p *Patient) { p.Config.Artifacts.Path = "/dev/null/nothing" }, Failure, "cannot write"},
		{"the reason for the number of workers", "capacity", func(p *Patient) { p.Config.Workers = 3 }, OK, "WEB_CONCURRENCY asks for 3"},
		{"the connections that native tracking leaves", "capacity", func(p *Patient) {
			p.Config.Workers, p.Config.Capacity.MaxConnections, p.OtherConnections = 3, 20, 4
		}, OK, "2 threads and 4 connections each"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := patient(t)
			tt.change(&p)
			got := find(Examine(t.Context(), p), tt.check)
			if got.State != tt.state || !strings.Contains(got.Text, tt.text) || got.State != OK && got.Fix == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestMemoryThatDoesNotFitIsAWarning(t *testing.T) {
	p := patient(t)
	p.Config.Workers, p.MemoryLimit = 8, 512<<20
	warned := false
	for _, f := range Examine(t.Context(), p) {
		warned = warned || f.Check == "capacity" && f.State == Warning && strings.HasPrefix(f.Fix, "lower WEB_CONCURRENCY")
	}
	if !warned {
		t.Error("no warning")
	}
}

func TestMemoryIsThatOfTheWayMLflowIsRun(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Patient)
		state  State
		text   string
	}{
		{"no runtime yet, which will be the locked one", func(*Patient) {}, OK, ""},
		{"the locked one", func(p *Patient) { p.RuntimeErr, p.Runtime.Locked = nil, true }, OK, ""},
		{"another MLflow", func(p *Patient) { p.RuntimeErr = nil }, Warning, "1 worker of MLflow's own command line take about"},
		{"jobs", func(p *Patient) { p.Config.Capacity.Jobs = true }, Warning, "and MLflow's job runners"},
		{"a machine that is too small, without a limit", func(p *Patient) { p.MemoryLimit, p.MachineMemory = 0, 256<<20 }, Warning, "into 256 MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := patient(t)
			p.MemoryLimit, p.CPUs = 512<<20, 2
			tt.change(&p)
			worst, text := OK, ""
			for _, f := range Examine(t.Context(), p) {
				if f.Check == "capacity" && f.State > worst {
					worst, text = f.State, f.Text
				}
			}
			if worst != tt.state || !strings.Contains(text, tt.text) {
				t.Errorf("%v: %q", worst, text)
			}
		})
	}
}

func TestTheWorstDecides(t *testing.T) {
	if Worst(nil) != OK || Worst([]Finding{{State: OK}, {State: Failure}, {State: Warning}}) != Failure {
		t.Error("not the worst")
	}
}

func TestFindingsAreWrittenForPeopleAndPrograms(t *testing.T) {
	all := []Finding{{Check: "login", State: OK}, {Check: "bucket: put", State: Failure, Text: "AccessDenied", Fix: "allow it"}}
	var table, text strings.Builder
	if err := errors.Join(WriteTable(&table, all, terminal.Look{}), WriteJSON(&text, all)); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"ok    login", "fail  bucket: put  AccessDenied", "→ allow it"} {
		if !strings.Contains(table.String(), part) {
			t.Errorf("%q is not in:\n%s", part, table.String())
		}
	}
	for _, part := range []string{`"state": "fail"`, `"check": "bucket: put"`, `"fix": "allow it"`} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in:\n%s", part, text.String())
		}
	}
}

func TestTheTableFitsATerminal(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	err := WriteTable(&table, []Finding{
		{State: OK, Check: "configuration", Text: "database from MLFLOW_DATA_DIR, artifacts in a directory, 1 user and some more words"},
		{State: Warning, Check: "schema", Text: "there is none yet", Fix: "mlflow-server migrate, or the next start, whichever of them happens to come first"},
	}, terminal.Look{Width: 80, Colour: true})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(table.String()) {
		plain := strings.NewReplacer("\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "", "\n", "").Replace(line)
		if utf8.RuneCountInString(plain) > 80 || strings.Contains(plain, "\x1b") {
			t.Errorf("%q", line)
		}
	}
	if !strings.HasPrefix(table.String(), "\x1b[32mok  \x1b[0m  configuration  database from") {
		t.Errorf("it begins with %.60q", table.String())
	}
}
