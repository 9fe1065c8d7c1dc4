package subject

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Edit is another text in one file of the program's source, embedded ones included. File is below the module's directory.
type Edit struct{ File, Old, New string }

// BuildEdited builds this project's server from other source than it has: what it would be without a choice that was made.
// What is to be replaced must be in its file once.
func BuildEdited(ctx context.Context, dir, name string, edit Edit) (Product, error) {
	fail := func(err error) (Product, error) {
		return Product{}, fmt.Errorf("building mlflow-server with another %s: %w", edit.File, err)
	}
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "mlflow-server").Output()
	if err != nil {
		return fail(err)
	}
	file := filepath.Join(strings.TrimSpace(string(root)), edit.File)
	text, err := os.ReadFile(file)
	if err != nil {
		return fail(err)
	}
	if n := strings.Count(string(text), edit.Old); n != 1 {
		return fail(fmt.Errorf("%q is in it %d times, not once", edit.Old, n))
	}
	edited := filepath.Join(dir, name+"-"+filepath.Base(edit.File))
	if err := os.WriteFile(edited, []byte(strings.Replace(string(text), edit.Old, edit.New, 1)), 0o600); err != nil {
		return fail(err)
	}
	return buildReplaced(ctx, dir, name, map[string]string{file: edited})
}

// buildReplaced builds the server with other files in the place of some.
func buildReplaced(ctx context.Context, dir, name string, files map[string]string) (Product, error) {
	p := Product{Binary: filepath.Join(dir, name)}
	replaced, err := json.Marshal(map[string]any{"Replace": files})
	if err != nil {
		return p, err
	}
	overlay := filepath.Join(dir, name+".json")
	if err := os.WriteFile(overlay, replaced, 0o600); err != nil {
		return p, err
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", p.Binary, "mlflow-server/cmd/mlflow-server").CombinedOutput()
	if err != nil {
		return p, fmt.Errorf("%w\n%s", err, out)
	}
	return p, nil
}
