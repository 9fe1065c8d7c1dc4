// Package cross_test compiles what a slug consists of for the architecture that this machine is not.
package cross_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheLauncherAndTheBuildpackCompileForBothArchitectures(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) {
			dir := t.TempDir() + string(filepath.Separator)
			cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", dir, "mlflow-server/cmd/mlflow-server", "mlflow-server/cmd/buildpack")
			cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, name := range []string{"mlflow-server", "buildpack"} {
				program, err := elf.Open(dir + name)
				if err != nil {
					t.Fatal(err)
				}
				defer program.Close()
				if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 || program.Machine != machine {
					t.Errorf("%s is for %v and needs %q, %v", name, program.Machine, libraries, err)
				}
			}
		})
	}
}
