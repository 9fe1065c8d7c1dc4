package buildpack

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommitIsTheLaunchersOwn(t *testing.T) {
	const pushed, checked = "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"
	for _, test := range []struct {
		name  string
		same  bool // the app is the buildpack
		files map[string]string
		env   string
		want  string
	}{
		{"of a push of this repository", true, nil, pushed, pushed},
		{"of a checkout on a branch", false, map[string]string{"HEAD": "ref: refs/heads/main\n", "refs/heads/main": checked + "\n"}, pushed, checked},
		{"of a checkout with packed branches", false, map[string]string{"HEAD": "ref: refs/heads/main\n",
			"packed-refs": "# pack-refs\n" + pushed + " refs/heads/other\n" + checked + " refs/heads/main\n"}, pushed, checked},
		{"of a checkout of a commit", false, map[string]string{"HEAD": checked + "\n"}, pushed, checked},
		{"of an archive", false, nil, pushed, unknownCommit},
		{"of a push without one", true, nil, "", unknownCommit},
		{"of a push with one that is none", true, nil, `x" -X main.version=y`, unknownCommit},
		{"of a checkout without commits", false, map[string]string{"HEAD": "ref: refs/heads/main\n"}, pushed, unknownCommit},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &compilation{Build: Build{App: t.TempDir(), Source: t.TempDir(), Environ: []string{"SOURCE_VERSION=" + test.env}}}
			if test.same {
				c.Source = c.App + "/."
			}
			for name, text := range test.files {
				writeFile(t, filepath.Join(c.Source, ".git", name), text)
			}
			if got := c.commit(); got != test.want {
				t.Errorf("it is %s", got)
			}
		})
	}
}

func TestTheLargestPartsAreFoundWhereTheyLie(t *testing.T) {
	app := t.TempDir()
	for name, size := range map[string]int{
		".mlflow/site-packages/big/a.py": 5000, ".mlflow/python/lib": 4000, ".mlflow/site-packages/small.py": 10, "data/file": 3000, "bin/mlflow-server": 2000,
	} {
		writeFile(t, filepath.Join(app, name), strings.Repeat("x", size))
	}
	var got []string
	for _, p := range largestParts(app, 3) {
		got = append(got, p.name)
	}
	if strings.Join(got, " ") != ".mlflow/site-packages/big .mlflow/python data" {
		t.Errorf("they are %q", got)
	}
	if s := sizeOf(app); s.bytes != 14010 || s.files != 5 {
		t.Errorf("the app is %+v", s)
	}
}
