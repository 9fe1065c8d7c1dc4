package front

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Missing is the error for a program that is not installed.
type Missing struct{ Program string }

func (m Missing) Error() string {
	if m.Program == "caddy" {
		return `Caddy is not installed ("go run ./bench install" builds it)`
	}
	return fmt.Sprintf("%[1]s is not installed (on Debian: apt-get install %[1]s)", m.Program)
}

// packages of Debian are named as the programs.
var packages = []string{"nginx", "openssl"}

// Install gets what is missing of nginx, openssl and Caddy: the first two with apt, which needs root or sudo without a
// password, in the version that the distribution has. progress hears a line for each step.
func Install(ctx context.Context, progress func(string)) error {
	var missing []string
	for _, program := range packages {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if len(missing) > 0 {
		progress("installing " + strings.Join(missing, ", "))
		if err := apt(ctx, missing); err != nil {
			return errors.Join(Missing{strings.Join(missing, " ")}, err)
		}
	}
	if _, err := FindCaddy(ctx, false); errors.Is(err, Missing{"caddy"}) {
		progress("building " + caddyModule)
	}
	_, err := FindCaddy(ctx, true)
	return err
}

func apt(ctx context.Context, names []string) error {
	for _, args := range [][]string{{"update", "-qq"}, append([]string{"install", "-y", "-qq", "--no-install-recommends"}, names...)} {
		args = append([]string{"apt-get"}, args...)
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// Versions are those of what is installed.
func Versions(ctx context.Context) map[string]string {
	found := map[string]string{}
	if out, err := exec.CommandContext(ctx, "nginx", "-v").CombinedOutput(); err == nil {
		_, version, _ := strings.Cut(strings.TrimSpace(string(out)), "/")
		found["nginx"] = version
	}
	if program, err := FindCaddy(ctx, false); err == nil {
		if out, err := exec.CommandContext(ctx, program, "version").Output(); err == nil {
			words := strings.Fields(string(out))
			if len(words) == 0 || words[0] == "unknown" { // as one says that "go install" has built
				_, version, _ := strings.Cut(caddyModule, "@")
				words = []string{version}
			}
			found["Caddy"] = strings.TrimPrefix(words[0], "v")
		}
	}
	return found
}
