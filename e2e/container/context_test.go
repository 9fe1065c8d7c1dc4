package container

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"mlflow-server/e2e/buildpack/heroku"
)

// planted are files that lie about in working copies and have no business in an image.
var planted = []string{".env", "bin/mlflow-server", "mlflow-data/mlflow.db", "secrets.txt", "terraform/terraform.tfstate"}

// contextOf is what an engine gets to see of a checkout: its files without what .dockerignore lists.
func contextOf(t *testing.T, downloads *heroku.Downloads) string {
	t.Helper()
	dir := t.TempDir()
	heroku.Checkout(t, dir)
	downloads.Pin(t, dir)
	for _, name := range planted {
		heroku.Write(t, filepath.Join(dir, name), secret)
	}
	withoutIgnored(t, dir)
	return dir
}

// withoutIgnored removes from a directory what its .dockerignore lists, with the rules of docker's own library.
func withoutIgnored(t *testing.T, context string) {
	t.Helper()
	file, err := os.Open(filepath.Join(context, ".dockerignore"))
	must(t, err)
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	must(t, err)
	matcher, err := patternmatcher.New(patterns)
	must(t, err)
	must(t, filepath.WalkDir(context, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(context, name)
		if err != nil {
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(relative)
		if err == nil && ignored {
			err = os.Remove(name)
		}
		return err
	}))
}
