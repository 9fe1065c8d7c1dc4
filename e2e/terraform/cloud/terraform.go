package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// Terraform is a directory with a configuration, and the environment it is run in.
type Terraform struct {
	// Dir is where it runs.
	Dir string
	// Env is added to its environment, and wins.
	Env []string

	t       testing.TB
	program string
}

// Root copies this repository's terraform directory, so that no state or plugin is left in it, and initialises it. Programs of moto
// may be nil where nothing is asked of AWS.
func Root(t testing.TB, m *Moto, init ...string) *Terraform {
	t.Helper()
	program := harness.Require(t, "terraform")
	dir := filepath.Join(t.TempDir(), "terraform")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(Repository(t), "terraform"))); err != nil {
		t.Fatal(err)
	}
	// What a developer has run there is no part of the configuration.
	for _, left := range []string{".terraform", ".terraform.lock.hcl", "terraform.tfvars"} {
		if err := os.RemoveAll(filepath.Join(dir, left)); err != nil {
			t.Fatal(err)
		}
	}
	tf := &Terraform{Dir: dir, t: t, program: program, Env: cliEnvironment(t, m)}
	tf.Must(append([]string{"init", "-input=false"}, init...)...)
	return tf
}

// Repository is the directory that holds go.mod.
func Repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
	}
}

// mirrors are directories that hold providers on machines without a way to the registry.
var mirrors = []string{"/opt/tf-plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"}

// cliEnvironment is terraform's environment with a configuration of its own: the developer's could name a backend or credentials.
func cliEnvironment(t testing.TB, m *Moto) []string {
	t.Helper()
	home := t.TempDir()
	config := "disable_checkpoint = true\n"
	if given := os.Getenv("TF_PLUGIN_MIRROR"); given != "" {
		mirrors = append([]string{given}, mirrors...)
	}
	for _, dir := range mirrors {
		if _, err := os.Stat(filepath.Join(dir, "registry.terraform.io/hashicorp/aws")); err == nil {
			config += fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", dir)
			break
		}
	}
	file := filepath.Join(home, "terraformrc")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	if m != nil {
		env = m.environment()
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT_FILE"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return append(env, "TF_CLI_CONFIG_FILE="+file, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
}

// Run runs terraform and returns what it printed.
func (tf *Terraform) Run(args ...string) (string, error) {
	tf.t.Helper()
	ctx, cancel := context.WithTimeout(tf.t.Context(), 8*time.Minute)
	defer cancel()
	args = slices.Insert(args, 1, "-no-color")
	command := exec.CommandContext(ctx, tf.program, args...)
	command.Dir = tf.Dir
	command.Env = tf.Env
	// Asked to stop, terraform ends its providers as well.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	began := time.Now()
	out, err := command.CombinedOutput()
	tf.t.Logf("terraform %s: %.1f s", args[0], time.Since(began).Seconds())
	return string(out), err
}

// Must is Run for what has to succeed.
func (tf *Terraform) Must(args ...string) string {
	tf.t.Helper()
	out, err := tf.Run(args...)
	if err != nil {
		tf.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, harness.Tail(out, 60))
	}
	return out
}

// Outputs are all outputs that have a value, those that are not text as JSON.
func (tf *Terraform) Outputs() map[string]string {
	tf.t.Helper()
	var all map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal([]byte(tf.output("output", "-json")), &all); err != nil {
		tf.t.Fatal(err)
	}
	values := map[string]string{}
	for name, output := range all {
		var text string
		if json.Unmarshal(output.Value, &text) != nil {
			text = string(output.Value)
		}
		values[name] = text
	}
	return values
}

// State is the whole state as JSON.
func (tf *Terraform) State() string { tf.t.Helper(); return tf.output("state", "pull") }

// output is Run without what terraform prints beside.
func (tf *Terraform) output(args ...string) string {
	tf.t.Helper()
	command := exec.CommandContext(tf.t.Context(), tf.program, args...)
	command.Dir, command.Env = tf.Dir, tf.Env
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		tf.t.Fatalf("terraform %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// In is the same terraform in another directory.
func (tf *Terraform) In(t testing.TB, dir string) *Terraform {
	other := *tf
	other.Dir, other.t = dir, t
	return &other
}

// At is terraform in a directory that a test has filled, not initialised.
func At(t testing.TB, m *Moto, dir string) *Terraform {
	t.Helper()
	return &Terraform{Dir: dir, t: t, program: harness.Require(t, "terraform"), Env: cliEnvironment(t, m)}
}
