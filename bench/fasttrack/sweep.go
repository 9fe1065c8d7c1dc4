package fasttrack

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"mlflow-server/bench/result"
	"mlflow-server/internal/provision"
)

//go:embed sweep.py
var sweepSource string

// sweep has real Python clients log to a server at once and tells how many seconds that took.
func (s *server) sweep(ctx context.Context, r provision.Runtime, o Scale) (seconds float64, err error) {
	err = s.alone(func() error {
		command := exec.CommandContext(ctx, r.Python, "-c", sweepSource, strconv.Itoa(o.Clients), strconv.Itoa(o.Steps), s.client.experiment)
		command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "LANG=C.UTF-8", "MLFLOW_DISABLE_TELEMETRY=true",
			"GIT_PYTHON_REFRESH=quiet", "PYTHONDONTWRITEBYTECODE=1", "MLFLOW_TRACKING_URI=http://" + s.Load.Host,
			"MLFLOW_TRACKING_USERNAME=" + s.Load.User, "MLFLOW_TRACKING_PASSWORD=" + s.Load.Password}, r.Environ()...)
		// A group of its own, so that its processes end with it.
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
		var complaints bytes.Buffer
		command.Stderr = &complaints
		out, err := command.Output()
		if err != nil {
			return fmt.Errorf("the Python clients of %s: %w\n%s", s.name, err, complaints.String())
		}
		seconds, err = strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		return err
	})
	return seconds, err
}

// sweepAlone is sweeps beside the server that something is expected of, since MLflow takes minutes.
func (b *bench) sweepAlone(ctx context.Context) error {
	b.result.Setup = append(b.result.Setup, "Both servers on one database: "+b.store+", commits not waiting for the disk for any of them; while one works, "+
		"the other's processes are stopped. "+b.clients())
	return b.sweeps(ctx, on, two)
}

// clients describes those of a sweep.
func (b *bench) clients() string {
	return fmt.Sprintf("The Python clients are %d processes with MLflow's own client, forked from one that has imported it; what counts is from the first call "+
		"to the last. They take the machine's time too, and more of it than this server does.", b.Clients)
}

// sweeps measures how long real clients take with some of the servers, of which on is the first.
func (b *bench) sweeps(ctx context.Context, servers ...int) error {
	seconds := make([][]float64, len(b.all))
	for turn := range b.Turns {
		for i := range servers {
			n := servers[(i+turn)%len(servers)]
			b.say(fmt.Sprintf("%d Python clients: %s", b.Clients, b.all[n].name))
			took, err := b.all[n].sweep(ctx, b.runtime, b.Scale)
			if err != nil {
				return err
			}
			seconds[n] = append(seconds[n], took)
		}
	}
	name := fmt.Sprintf("%d Python clients log %d steps each", b.Clients, b.Steps)
	for _, n := range servers[1:] {
		f := result.Beside(fmt.Sprintf("%s, beside %s", name, b.all[n].name), "s", result.Of(b.all[on].name, seconds[on]...), result.Of(b.all[n].name, seconds[n]...))
		if n == two {
			f = f.RatioAtMost(0.2)
		}
		b.result.Figures = append(b.result.Figures, f)
	}
	return nil
}
