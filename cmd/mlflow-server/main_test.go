package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"mlflow-server/internal/config"
	"mlflow-server/internal/launcher"
	"mlflow-server/internal/provision"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mlflow-server": func() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr)) },
	})
}

// TestCommands runs the commands as a user types them; testdata/script holds one file for each subject. The environment
// is empty but for what testscript needs, so nothing of the developer's own gets in.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_GOLDEN") == "true"})
}

func TestTheWelcomeCanBePasted(t *testing.T) {
	cfg := &config.Config{DefaultLogin: true, DataDir: "/data", Users: []config.User{{Name: "mlflow", Password: "mlflow"}}}
	ann := config.User{Name: "ann", Password: "mlflow"} // MLFLOW_TRACKING_USERNAME=ann and nothing else
	started := launcher.Started{URL: "http://127.0.0.1:5000", Runtime: provision.Runtime{MLflowVersion: "3.17.2"}, Took: 3210 * time.Millisecond}
	want, err := os.ReadFile("testdata/welcome.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := welcome(cfg, started); got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	anns := strings.NewReplacer("User       mlflow", "User       ann", `USERNAME"] = "mlflow"`, `USERNAME"] = "ann"`).Replace(string(want))
	for _, users := range [][]config.User{{ann}, {{Name: "bob", Password: "SECRET"}, ann}} {
		cfg.Users = users
		if got := welcome(cfg, started); got != anns {
			t.Errorf("got:\n%s\nwant:\n%s", got, anns)
		}
	}
}

func TestTheWelcomeKeepsAPasswordThatIsNotTheDefault(t *testing.T) {
	cfg := &config.Config{DataDir: "/data", Users: []config.User{{Name: `an"n`, Password: "SECRET"}, {Name: "bob", Password: "SECRET2"}}}
	got := welcome(cfg, launcher.Started{URL: "http://127.0.0.1:5000"})
	if strings.Contains(got, "SECRET") {
		t.Errorf("the password is printed:\n%s", got)
	}
	if !strings.Contains(got, `os.environ["MLFLOW_TRACKING_USERNAME"] = "an\"n"`) {
		t.Errorf("the name is not quoted for Python:\n%s", got)
	}
}
