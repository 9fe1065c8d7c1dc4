package deploy_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"mlflow-server/internal/config"
)

// project reads compose.yaml as "docker compose" does in a directory with that .env, with compose's own library, which
// refuses what its schema does not know.
func project(t *testing.T, dotenv string, environ ...string) *types.Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string][]byte{"compose.yaml": read(t, "compose.yaml"), ".env": []byte(dotenv)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")}, cli.WithWorkingDirectory(dir), cli.WithEnv(environ),
		cli.WithEnvFiles(), cli.WithDotEnv, cli.WithDefaultProfiles())
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
	p := project(t, "")
	if names := p.ServiceNames(); !slices.Equal(names, []string{"database", "server"}) {
		t.Errorf("services %q", names)
	}
	server := p.Services["server"]
	if len(server.Ports) != 1 || server.Ports[0].HostIP != "127.0.0.1" || server.Ports[0].Published != "80" || server.Ports[0].Target != 8080 {
		t.Errorf("ports %+v", server.Ports)
	}
	if other := project(t, "", "MLFLOW_PORT=8081").Services["server"].Ports[0]; other.Published != "8081" || other.HostIP != "127.0.0.1" {
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

// hash is a bcrypt hash, whose $ compose could take for the beginning of a variable's name.
const hash = "$2a$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"

func TestTheServerTakesWhatComposeGivesIt(t *testing.T) {
	ann := []config.User{{Name: "ann", Password: hash}, {Name: "bob", Password: "x"}}
	known := []config.User{{Name: "mlflow", Password: "mlflow"}}
	for name, c := range map[string]struct {
		dotenv    string
		environ   []string
		artifacts string
		users     []config.User
	}{
		"with nothing set":                    {"", nil, "", known},
		"with the example as it is":           {string(read(t, ".env.example")), nil, "", known},
		"with users in the environment":       {"", []string{"MLFLOW_TRACKING_USERNAME=ann,bob", "MLFLOW_TRACKING_PASSWORD=" + hash + ",x"}, "", ann},
		"with users in .env":                  {"MLFLOW_TRACKING_USERNAME='ann,bob'\nMLFLOW_TRACKING_PASSWORD='" + hash + ",x'\n", nil, "", ann},
		"with the store, for one command":     {"MLFLOW_TRACKING_USERNAME='ann,bob'\nMLFLOW_TRACKING_PASSWORD='" + hash + ",x'\n", []string{"COMPOSE_PROFILES=s3"}, "s3://mlflow/artifacts", ann},
		"with the store, for good":            {"COMPOSE_PROFILES='s3'\nMLFLOW_TRACKING_USERNAME='ann,bob'\nMLFLOW_TRACKING_PASSWORD='" + hash + ",x'\n", nil, "s3://mlflow/artifacts", ann},
		"with a bucket at Amazon":             {"MLFLOW_ARTIFACT_URI='s3://mine/x'\nAWS_ACCESS_KEY_ID='A'\nAWS_SECRET_ACCESS_KEY='b'\nAWS_DEFAULT_REGION='eu-west-1'\n", nil, "s3://mine/x", known},
		"with a database for something else":  {"DATABASE_URL='postgres://elsewhere/d'\nMLFLOW_DB_HOST='elsewhere'\nMLFLOW_DB_DIALECT='mysql'\n", nil, "", known},
		"with a directory for something else": {"MLFLOW_DATA_DIR='/nowhere'\nPORT='5000'\nMLFLOW_HOST='127.0.0.1'\n", nil, "", known},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, c.dotenv, c.environ...)
			t.Chdir(t.TempDir())
			cfg, err := config.Load(config.Serve, variables(p.Services["server"]))
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Backend.Dialect != config.PostgreSQL || cfg.Backend.Endpoint != "database:5432" {
				t.Errorf("%+v", cfg.Backend)
			}
			if bucket := cfg.Artifacts.Kind == config.S3; bucket != (c.artifacts != "") || bucket && cfg.Artifacts.URI != c.artifacts {
				t.Errorf("keeps files in %+v", cfg.Artifacts)
			}
			if cfg.Addr() != "0.0.0.0:80" { // the image sets PORT
				t.Errorf("listens on %s", cfg.Addr())
			}
			if !slices.Equal(cfg.AllowedHosts, []string{"localhost", "127.0.0.1", "[::1]", "server"}) {
				t.Errorf("is reached as %q", cfg.AllowedHosts)
			}
			if !slices.Equal(cfg.Users, c.users) {
				t.Errorf("lets in %q", cfg.Users)
			}
		})
	}
}

// ownVariables are those that compose decides by itself: where the container listens and keeps its data, and its
// database, which a .env for another way to run the server must not replace.
var ownVariables = []string{"PORT", "MLFLOW_HOST", "MLFLOW_DATA_DIR", "MLFLOW_ALLOW_EPHEMERAL", "MLFLOW_BACKEND_URI", "DATABASE_URL",
	"MLFLOW_DB_DIALECT", "MLFLOW_DB_HOST", "MLFLOW_DB_PORT", "MLFLOW_DB_USERNAME", "MLFLOW_DB_DATABASE"}

func TestEveryOtherVariableReachesTheServer(t *testing.T) {
	all := slices.Concat(config.Variables, config.AlsoHonoured)
	var environ, dotenv []string
	for _, v := range all {
		environ = append(environ, v.Name+"=given")
		dotenv = append(dotenv, v.Name+"='given'")
	}
	for name, p := range map[string]*types.Project{"the environment": project(t, "", environ...), ".env": project(t, strings.Join(dotenv, "\n"))} {
		for _, v := range all {
			value, _ := variables(p.Services["server"])(v.Name)
			if own := slices.Contains(ownVariables, v.Name); own == (value == "given") {
				t.Errorf("of %s, the server gets %s=%q", name, v.Name, value)
			}
		}
	}
	for _, v := range config.AlsoHonoured {
		if value, ok := variables(project(t, "").Services["server"])(v.Name); ok {
			t.Errorf("libraries take %s=%q for a value", v.Name, value)
		}
	}
}

func TestBehindAProxyTheServerIsToldSo(t *testing.T) {
	p := project(t, "MLFLOW_ALLOWED_HOSTS='mlflow.example.com'\nMLFLOW_TRUSTED_PROXIES='1'\nMLFLOW_FORCE_HTTPS='true'\nMLFLOW_ALLOW_DEFAULT_LOGIN='false'\n"+
		"MLFLOW_TRACKING_PASSWORD='x'\n")
	t.Chdir(t.TempDir())
	cfg, err := config.Load(config.Serve, variables(p.Services["server"]))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.TrustedProxies.Hops != 1 || !cfg.ForceHTTPS || !slices.Equal(cfg.AllowedHosts, []string{"mlflow.example.com"}) {
		t.Errorf("%+v", cfg)
	}
}

func TestTheStoreAndTheServerAgree(t *testing.T) {
	for name, p := range map[string]*types.Project{
		"by default":               project(t, "", "COMPOSE_PROFILES=s3"),
		"with keys of one's own":   project(t, "AWS_ACCESS_KEY_ID='a'\nAWS_SECRET_ACCESS_KEY='b'\n", "COMPOSE_PROFILES=s3"),
		"with one key of the two":  project(t, "AWS_SECRET_ACCESS_KEY='b'\n", "COMPOSE_PROFILES=s3"),
		"with everything in .env":  project(t, "COMPOSE_PROFILES='s3'\nAWS_ACCESS_KEY_ID='a'\nAWS_SECRET_ACCESS_KEY='b'\n"),
		"with a region":            project(t, "COMPOSE_PROFILES='s3'\nAWS_REGION='eu-west-1'\nAWS_DEFAULT_REGION='eu-west-3'\n"),
		"with a default region":    project(t, "COMPOSE_PROFILES='s3'\nAWS_DEFAULT_REGION='eu-west-3'\n"),
		"with two of the profiles": project(t, "COMPOSE_PROFILES='s3,other'\n"),
	} {
		server, store := variables(p.Services["server"]), variables(p.Services["store"])
		for one, other := range map[string]string{"AWS_ACCESS_KEY_ID": "ROOT_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY": "ROOT_SECRET_KEY"} {
			a, _ := server(one)
			b, _ := store(other)
			if a == "" || a != b {
				t.Errorf("%s: %s is %q, %s is %q", name, one, a, other, b)
			}
		}
		region, _ := server("AWS_REGION")
		if region == "" {
			region, _ = server("AWS_DEFAULT_REGION")
		}
		if at, _ := store("VGW_REGION"); at == "" || at != region {
			t.Errorf("%s: the store is in %q, the server looks for it in %q", name, at, region)
		}
		if len(p.Services["store"].Ports) != 0 {
			t.Error("the store is open to this machine")
		}
	}
}
