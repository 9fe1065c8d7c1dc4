package fasttrack

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mlflow-server/bench/result"
	"mlflow-server/internal/fasttrack"
)

// pgbench has the database do what the native path asks it for, without a server in between.
type pgbench struct {
	program string
	environ []string
	dir     string
}

// newPgbench finds the program beside the newest PostgreSQL of the machine; it is empty where there is none.
func newPgbench(dir, database string) (*pgbench, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil {
		return nil, err
	}
	if own, err := exec.LookPath("pgbench"); err == nil {
		found = append([]string{own}, found...)
	}
	if len(found) == 0 {
		return nil, nil
	}
	u, err := url.Parse(database)
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err)
	}
	password, _ := u.User.Password()
	return &pgbench{program: found[len(found)-1], dir: dir, environ: []string{"PATH=" + os.Getenv("PATH"), "PGHOST=" + u.Hostname(),
		"PGPORT=" + u.Port(), "PGUSER=" + u.User.Username(), "PGPASSWORD=" + password, "PGDATABASE=" + strings.TrimPrefix(u.Path, "/")}}, nil
}

// script is the statements of one transaction, with values in place of the parameters: for so many metrics at once.
func script(statements []string, runs []string, metrics int) string {
	run := "(ARRAY['" + strings.Join(runs, "','") + "']::text[])[:r::int]"
	many := func(value string) string { return fmt.Sprintf("array_fill(%s, ARRAY[%d])", value, metrics) }
	keys := fmt.Sprintf("ARRAY(SELECT 'metric-' || i FROM generate_series(1, %d) AS i)", metrics)
	columns := []string{many(run), keys, many("0.5::float8"), many(":n::int8"), many(":n::int8"), many("false")}
	values := []string{run}
	switch {
	case metrics > 0 && strings.Contains(statements[0], "$13"):
		values = slices.Concat([]string{"ARRAY[" + run + "]"}, columns, columns)
	case metrics > 0:
		values = columns
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\\set r random(1, %d)\n\\set n random(1, 2000000000)\n\\startpipeline\n", len(runs))
	for _, statement := range statements {
		b.WriteString(parameter.ReplaceAllStringFunc(statement, func(p string) string {
			n, _ := strconv.Atoi(p[1:]) // digits
			return values[n-1]
		}) + ";\n")
	}
	b.WriteString("\\endpipeline\n")
	return b.String()
}

var (
	parameter = regexp.MustCompile(`\$\d+`)
	perSecond = regexp.MustCompile(`tps = ([0-9.]+)`)
)

// scripts are what is run in the database alone.
func scripts(c *client) []alone {
	return []alone{
		{works[0], "its statements", script(fasttrack.Statements.WriteMetrics, c.runs, 1), 0.5},
		{works[2], "its statements", script(fasttrack.Statements.WriteMetrics, c.runs, 100), 0.5},
		{works[2], "one INSERT of its metrics and nothing else", script(fasttrack.Statements.MetricRows, c.runs, 100), 0},
		{works[7], "its statements", script(fasttrack.Statements.GetRun, c.read, 0), 0.5},
	}
}

// alone is what the database does without a server, beside a kind of request.
type alone struct {
	work
	what, script string
	expected     float64 // of our rate, in parts of the database's; 0 expects nothing
}

// run tells how many transactions per second so many connections get done in some seconds.
func (p *pgbench) run(ctx context.Context, script string, connections, seconds int) (float64, error) {
	file := filepath.Join(p.dir, "pgbench.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, p.program, "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(connections),
		"--jobs=2", "--time="+strconv.Itoa(seconds), "--file="+file)
	command.Env = p.environ
	out, err := command.CombinedOutput()
	found := perSecond.FindSubmatch(out)
	if err != nil || found == nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// alone compares with the database alone, in turns.
func (b *bench) alone(ctx context.Context) error {
	if b.pgbench == nil {
		b.result.Notes = append(b.result.Notes, "pgbench is not installed: what the database alone does is not measured.")
		return nil
	}
	for _, a := range scripts(b.all[on].client) {
		for _, connections := range slices.Compact([]int{key, b.Fleet[len(b.Fleet)-1]}) {
			b.say(fmt.Sprintf("pgbench: %s, %s, %d connections", a.name, a.what, connections))
			var ours cell
			var theirs []float64
			for range b.KeyTurns {
				got, err := b.all[on].measure(ctx, b.Scale, a.work, connections)
				if err != nil {
					return err
				}
				ours.add(got)
				rate, err := b.pgbench.run(ctx, a.script, connections, max(1, int(b.Window.Seconds())))
				if err != nil {
					return err
				}
				theirs = append(theirs, rate)
			}
			f := result.Beside(fmt.Sprintf("%s, beside %s in pgbench, %d connections", a.name, a.what, connections),
				"requests/s", result.Of(b.all[on].name, ours.rates...), result.Of("pgbench", theirs...))
			if a.expected > 0 && connections == key {
				f = f.RatioAtLeast(a.expected)
			}
			b.result.Figures = append(b.result.Figures, f)
		}
	}
	return nil
}
