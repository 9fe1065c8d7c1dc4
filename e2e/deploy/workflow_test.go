package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestWorkflowsRunPinnedActionsThatMayReadOnly(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no workflows (%v)", err)
	}
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w struct {
			Permissions map[string]string
			Jobs        map[string]struct {
				Permissions map[string]string
				Steps       []struct{ Uses, Run string }
			}
		}
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s may %v", file, w.Permissions)
		}
		for name, job := range w.Jobs {
			if job.Permissions != nil {
				t.Errorf("%s: %s may %v", file, name, job.Permissions)
			}
			for _, step := range job.Steps {
				if step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s: %s is not pinned by a commit", file, step.Uses)
				}
			}
		}
		if filepath.Base(file) == "ci.yml" && !strings.Contains(string(text), "bash .ci/run") {
			t.Errorf("%s does not run .ci/run", file)
		}
	}
}

func TestConfigurationOfGitHubIsYAML(t *testing.T) {
	files, err := filepath.Glob(root + "/.github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%q (%v)", files, err)
	}
	for _, file := range append(files, root+"/.github/dependabot.yml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var any map[string]any
		if err := yaml.Unmarshal(text, &any); err != nil || len(any) == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestTheWholeCheckFindsWhatTheWorkflowInstalls: on Ubuntu sudo gives a command the PATH of its secure_path, whatever it is
// told to preserve; Go, Node and terraform are elsewhere.
func TestTheWholeCheckFindsWhatTheWorkflowInstalls(t *testing.T) {
	for line := range strings.Lines(string(read(t, ".github/workflows/ci.yml"))) {
		if strings.Contains(line, "sudo ") && !strings.Contains(line, `env "PATH=$PATH" `) {
			t.Errorf("%q loses the PATH", line)
		}
	}
}

// TestUpdatesAreAskedForWhereVersionsArePinned compares dependabot's configuration with the files that name versions.
func TestUpdatesAreAskedForWhereVersionsArePinned(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
		}
	}
	if err := yaml.Unmarshal(read(t, ".github/dependabot.yml"), &config); err != nil {
		t.Fatal(err)
	}
	for ecosystem, pattern := range map[string]string{
		"gomod": "/go.mod", "github-actions": "/.github/workflows/*.yml", "docker": "/Dockerfile", "docker-compose": "/compose.yaml", "terraform": "/terraform/**/*.tf",
	} {
		for _, dir := range directoriesOf(t, pattern) {
			if ecosystem == "github-actions" {
				dir = "/" // which means .github/workflows
			}
			covered := false
			for _, u := range config.Updates {
				for _, covers := range append(u.Directories, u.Directory) {
					match, err := filepath.Match(covers, dir)
					covered = covered || u.Ecosystem == ecosystem && match && err == nil
				}
			}
			if !covered {
				t.Errorf("nobody looks for updates of %s in %s", ecosystem, dir)
			}
		}
	}
}

// directoriesOf are those with a tracked file of a pattern, from the root of the repository.
func directoriesOf(t *testing.T, pattern string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "--", ":(top,glob)"+strings.TrimPrefix(pattern, "/"))
	list.Dir = root
	out, err := list.Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("there is no %s (%v)", pattern, err)
	}
	var dirs []string
	for name := range strings.Lines(string(out)) {
		if dir := filepath.Join("/", filepath.Dir(strings.TrimSpace(name))); !slices.Contains(dirs, dir) && !strings.Contains(dir, "/tests") {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
