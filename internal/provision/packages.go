package provision

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// packages installs what the plan says into partial/site-packages.
func (in *installation) packages(ctx context.Context, partial string, python interpreter) error {
	requirements := in.plan.requirements
	if requirements == "" {
		err := in.do("Resolving the requirements", "resolving the requirements", partial, func() (result string, err error) {
			requirements, err = in.resolve(ctx, partial, python)
			return fmt.Sprintf("%d packages", len(pinned.FindAllString(requirements, -1))), err
		})
		if err != nil {
			return err
		}
	}
	in.plan.mlflow = versionIn(requirements, "mlflow")
	return in.do(stepPackages+" "+in.plan.mlflow, "installing the packages", partial, func() (string, error) {
		file := filepath.Join(partial, "requirements.txt")
		if err := os.WriteFile(file, []byte(requirements), 0o644); err != nil {
			return "", err
		}
		args := []string{
			"pip", "install", "--python", pythonIn(partial, python), "--target", filepath.Join(partial, packagesDir),
			"--requirements", file, "--no-deps", "--no-python-downloads", "--color", "never", "--no-progress",
		}
		if in.plan.requirements != "" {
			// Nothing of the lock is built here: what a build script does depends on the machine, and no hash covers it.
			args = append(args, "--require-hashes", "--only-binary", ":all:")
		}
		installed := 0
		_, err := command{name: in.uv.path, args: args, environ: in.environ, dir: neutralDir, line: func(line string) {
			switch line = strings.TrimSpace(line); {
			case strings.HasPrefix(line, "+ "):
				installed++
			case strings.HasPrefix(line, "Downloading"), strings.HasPrefix(line, "Downloaded"), strings.HasPrefix(line, "Prepared"),
				strings.HasPrefix(line, "Building"):
				in.progress.Note(line)
			}
		}}.run(ctx)
		if err != nil {
			return "", err
		}
		// What stays in the runtime says what is in it, without the login that a requirement's address may hold.
		return fmt.Sprintf("%d packages", installed), writeAnew(file, []byte(redact(requirements)))
	})
}

// resolve compiles the plan's inputs to exact versions, with the lock's hashes where the version is the lock's.
func (in *installation) resolve(ctx context.Context, partial string, python interpreter) (string, error) {
	excludes := in.plan.excludes
	if excludes != "" {
		// uv leaves a package out whoever asks for it. So what the extras need by themselves, MLflow aside, is found first.
		own, err := in.compileRequirements(ctx, partial, python, map[string]string{
			"inputs.txt": in.plan.extras, "constraints.txt": in.plan.constraints, "excludes.txt": "mlflow\n",
		})
		if err != nil {
			return "", err
		}
		excludes = excludesBut(excludes, func(name string) bool { return versionIn(own, name) != "" })
	}
	compiled, err := in.compileRequirements(ctx, partial, python, map[string]string{
		"inputs.txt": in.plan.inputs, "constraints.txt": in.plan.constraints, "excludes.txt": excludes,
		"compiled.txt": in.plan.preferences, // uv keeps to the versions it finds in its output file
	})
	return withHashes(compiled), err
}

// compileRequirements runs uv's resolver on these files.
func (in *installation) compileRequirements(ctx context.Context, partial string, python interpreter, files map[string]string) (string, error) {
	dir := filepath.Join(partial, "resolve")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	// The nearest configuration wins: an empty one hides those of an application in whose directory this lies.
	files["uv.toml"] = ""
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	// Names without a path, because uv takes these options for lists separated by spaces.
	_, err := command{name: in.uv.path, environ: in.environ, dir: dir, args: []string{
		"pip", "compile", "--quiet", "--python", pythonIn(partial, python), "--no-python-downloads", "--no-header", "--no-annotate",
		"--constraints", "constraints.txt", "--excludes", "excludes.txt", "--output-file", "compiled.txt", "--color", "never", "inputs.txt",
	}}.run(ctx)
	if err != nil {
		return "", err
	}
	compiled, err := os.ReadFile(filepath.Join(dir, "compiled.txt"))
	return string(compiled), err
}

// pythonIn is the interpreter's path while the runtime is being made.
func pythonIn(partial string, python interpreter) string {
	if filepath.IsAbs(python.Executable) {
		return python.Executable
	}
	return filepath.Join(partial, python.Executable)
}
