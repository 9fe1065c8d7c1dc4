package docs

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestAGitPushAndItsFirstRun pastes heroku-git.md into the real heroku command before a stand-in for Heroku's API, and git's push
// into a repository in Heroku's place. For what Heroku would run then stands a server with the login that was set.
func TestAGitPushAndItsFirstRun(t *testing.T) {
	t.Parallel()
	harness.Require(t, "heroku")
	api := newHerokuAPI(t)
	desk := open(t, checkout(t), api.environment())
	steps := lines(paste(t, "heroku-git.md", "heroku create"))
	if len(steps) != 3 {
		t.Fatalf("a push takes %q", steps)
	}
	desk.run(t, steps[0]+"\n"+steps[1])
	want := []string{
		`POST /apps {"name":"my-app"}`,
		`POST /apps/my-app/addons {"plan":"heroku-postgresql:essential-0"}`,
		`POST /apps/my-app/addons {"plan":"bucketeer:hobbyist"}`,
		`PUT /apps/my-app/buildpack-installations {"updates":[{"buildpack":"heroku-community/inline"}]}`,
	}
	if len(api.asked) != 5 || !slices.Equal(api.asked[:4], want) || !strings.HasPrefix(api.asked[4], "PATCH /apps/my-app/config-vars ") {
		t.Errorf("Heroku is asked for\n%s", strings.Join(api.asked, "\n"))
	}
	if len(api.config["MLFLOW_TRACKING_PASSWORD"]) != 32 || len(api.config["MLFLOW_SESSION_SECRET"]) != 64 || api.config["MLFLOW_TRACKING_USERNAME"] != "ann" || len(api.config) != 3 {
		t.Errorf("config vars %v", api.config)
	}
	push(t, desk, steps[2])

	server := harness.Start(t, harness.Options{Env: api.config})
	api.mu.Lock()
	api.webURL = server.URL + "/" // as Heroku writes it
	api.mu.Unlock()
	desk.run(t, paste(t, "heroku-git.md", "MLFLOW_TRACKING_URI="))
	saidHello(t, server)
}

func TestAContainerIsMadeTheSameWay(t *testing.T) {
	t.Parallel()
	harness.Require(t, "heroku")
	api := newHerokuAPI(t)
	desk := open(t, checkout(t), api.environment())
	steps := lines(paste(t, "heroku-container.md", "heroku create"))
	desk.run(t, steps[0])
	want := []string{
		`POST /apps {"name":"my-app","stack":"container"}`,
		`POST /apps/my-app/addons {"plan":"heroku-postgresql:essential-0"}`,
		`POST /apps/my-app/addons {"plan":"bucketeer:hobbyist"}`,
	}
	if !slices.Equal(api.asked, want) {
		t.Errorf("Heroku is asked for\n%s", strings.Join(api.asked, "\n"))
	}
	if git := lines(paste(t, "heroku-git.md", "heroku create")); !slices.Equal(steps[1:], git[1:]) {
		t.Errorf("the rest is %q, and of a push %q", steps[1:], git[1:])
	}
}

// checkout is a repository with one commit on main.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch=main"}, {"-c", "user.name=ann", "-c", "user.email=ann@example.com", "commit", "--quiet", "--allow-empty", "--message=all"}} {
		if out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

// push runs a line of git's with a bare repository behind the address where heroku has put its remote.
func push(t *testing.T, desk terminal, line string) {
	t.Helper()
	bare := t.TempDir()
	desk.run(t, "git init --quiet --bare '"+bare+"'\n"+
		"export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0='url."+bare+".pushInsteadOf' GIT_CONFIG_VALUE_0=\"$(git remote get-url heroku)\"\n"+line)
	if here, there := desk.run(t, "git rev-parse HEAD"), desk.run(t, "git -C '"+bare+"' rev-parse main"); here != there {
		t.Errorf("%s was pushed, and %s is there", here, there)
	}
}
