package deploy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"mlflow-server/internal/config"
)

// project reads compose.yaml as "docker compose" does, with compose's own library, which refuses what its schema does not
// know.
func project(t *testing.T, environ []string, envFiles ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{root + "/compose.yaml"}, cli.WithWorkingDirectory(root), cli.WithEnv(environ),
		cli.WithEnvFiles(envFiles...), cli.WithDotEnv, cli.WithDefaultProfiles())
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// variables is the environment that a container gets.
func variables(s types.ServiceConfig) config.Lookup {
	return func(name string) (string, bool) {
		value, ok := s.Environment[name]
		if !ok || value == nil {
			return "", false
		}
		return *value, true
	}
}

func TestComposeServesThisMachineOnPort80(t *testing.T) {
	p := project(t, nil)
	if names := p.ServiceNames(); !slices.Equal(names, []string{"database", "server"}) {
		t.Errorf("services %q", names)
	}
	server := p.Services["server"]
	if len(server.Ports) != 1 || server.Ports[0].HostIP != "127.0.0.1" || server.Ports[0].Published != "80" || server.Ports[0].Target != 8080 {
		t.Errorf("ports %+v", server.Ports)
	}
	if other := project(t, []string{"MLFLOW_PORT=8081"}).Services["server"].Ports[0]; other.Published != "8081" || other.HostIP != "127.0.0.1" {
		t.Errorf("with MLFLOW_PORT: %+v", other)
	}
	if server.Build == nil || server.DependsOn["database"].Condition != types.ServiceConditionHealthy {
		t.Errorf("it is not built here, or does not wait: %+v", server.DependsOn)
	}
	if !server.ReadOnly || !slices.Equal(server.CapDrop, []string{"ALL"}) {
		t.Error("it may write outside its volumes, or has capabilities")
	}
	database := p.Services["database"]
	if database.Image != "postgres:17" || database.HealthCheck == nil || len(database.Ports) != 0 || len(database.Volumes) != 1 {
		t.Errorf("database %+v", database)
	}
}

func TestTheServerTakesWhatComposeGivesIt(t *testing.T) {
	for name, c := range map[string]struct {
		environ  []string
		envFiles []string
		kind     config.ArtifactKind
	}{
		"with nothing set":        {nil, nil, config.Directory},
		"with the S3 store":       {nil, []string{root + "/compose.s3.env"}, config.S3},
		"with users of one's own": {[]string{"MLFLOW_TRACKING_USERNAME=ann,bob", "MLFLOW_TRACKING_PASSWORD=$2a$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu,x"}, nil, config.Directory},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, c.environ, c.envFiles...)
			t.Chdir(t.TempDir())
			cfg, err := config.Load(config.Serve, variables(p.Services["server"]))
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Backend.Dialect != config.PostgreSQL || cfg.Backend.Endpoint != "database:5432" || cfg.Artifacts.Kind != c.kind {
				t.Errorf("%+v, %+v", cfg.Backend, cfg.Artifacts)
			}
			if cfg.Addr() != "0.0.0.0:80" { // the image sets PORT
				t.Errorf("listens on %s", cfg.Addr())
			}
			if !slices.Equal(cfg.AllowedHosts, []string{"localhost", "127.0.0.1", "[::1]", "server"}) {
				t.Errorf("is reached as %q", cfg.AllowedHosts)
			}
		})
	}
}

func TestTheStoreAndTheServerAgree(t *testing.T) {
	p := project(t, nil, root+"/compose.s3.env")
	server, store := variables(p.Services["server"]), variables(p.Services["store"])
	for one, other := range map[string]string{"AWS_ACCESS_KEY_ID": "ROOT_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY": "ROOT_SECRET_KEY"} {
		a, _ := server(one)
		b, _ := store(other)
		if a == "" || a != b {
			t.Errorf("%s is %q, %s is %q", one, a, other, b)
		}
	}
	if len(p.Services["store"].Ports) != 0 {
		t.Error("the store is open to this machine")
	}
}
