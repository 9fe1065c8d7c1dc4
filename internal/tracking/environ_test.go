package tracking

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

func childEnviron(t *testing.T, locked bool, given ...string) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, pair := range environ(Options{
		Runtime:    provision.Runtime{Python: "/py", SitePackages: "/sp", MLflowVersion: "3.17.2", Locked: locked},
		BackendURI: "sqlite:////d/m.db", ArtifactURI: "s3://b/p", Workers: 3,
		DatabaseWait: 90 * time.Second, StopTimeout: 1500 * time.Millisecond, Environ: given,
	}, "/run") {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

// storage are variables of the contract that MLflow itself reads, the secrets among them all.
var storage = []string{"MLFLOW_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}

func TestTheLaunchersSecretsAndNamesThatMLflowWouldMisreadAreWithheld(t *testing.T) {
	names := []string{
		"MLFLOW_TRACKING_TOKEN", "MLFLOW_BACKEND_STORE_URI", "MLFLOW_SERVER_ALLOWED_HOSTS", "MLFLOW_UVICORN_OPTS",
		"PORT", "WEB_CONCURRENCY", "MLFLOW_HOST", "MLFLOW_DATA_DIR", "MLFLOW_ARTIFACT_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_DB_HOST",
		"PYTHONSTARTUP", "PYTHONINSPECT", "_MLFLOW_STATIC_PREFIX", "_MLFLOW_LAUNCH_OTHER", "UVICORN_RELOAD", "prometheus_multiproc_dir",
	}
	for _, v := range config.Variables {
		if v.Secret && !slices.Contains(storage, v.Name) {
			names = append(names, v.Name)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			if value, there := childEnviron(t, true, name+"=planted")[name]; there && value == "planted" {
				t.Error("the child gets it")
			}
		})
	}
}

func TestOtherVariablesArePassedOn(t *testing.T) {
	for _, name := range append([]string{
		"PATH", "HOME", "AWS_SESSION_TOKEN", "HTTPS_PROXY", "SSL_CERT_FILE", "MLFLOW_LOGGING_LEVEL", "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE",
		"MLFLOW_SERVER_X_FRAME_OPTIONS", "MLFLOW_CRYPTO_KEK_PASSPHRASE",
	}, storage...) {
		t.Run(name, func(t *testing.T) {
			if got := childEnviron(t, true, name+"=a=b")[name]; got != "a=b" {
				t.Errorf("the child gets %q", got)
			}
		})
	}
}

func TestDefaultsHoldUnlessTheUserSaysOtherwise(t *testing.T) {
	for _, d := range defaults {
		t.Run(d.name, func(t *testing.T) {
			if got := childEnviron(t, true)[d.name]; got != d.value {
				t.Errorf("default %q, want %q", got, d.value)
			}
			if got := childEnviron(t, true, d.name+"=")[d.name]; got != d.value {
				t.Errorf("set to nothing: %q, want the default %q", got, d.value)
			}
			if got := childEnviron(t, true, d.name+"=mine")[d.name]; got != "mine" {
				t.Errorf("set: %q", got)
			}
		})
	}
}

func TestTheChildIsToldWhereItsDataIs(t *testing.T) {
	env := childEnviron(t, true)
	for name, want := range map[string]string{
		"_MLFLOW_SERVER_FILE_STORE":           "sqlite:////d/m.db",
		"_MLFLOW_SERVER_REGISTRY_STORE":       "sqlite:////d/m.db",
		"MLFLOW_TRACKING_URI":                 "sqlite:////d/m.db",
		"_MLFLOW_SERVER_ARTIFACT_DESTINATION": "s3://b/p",
		"_MLFLOW_SERVER_ARTIFACT_ROOT":        "mlflow-artifacts:/",
		"_MLFLOW_SERVER_SERVE_ARTIFACTS":      "true",
		"_MLFLOW_LAUNCH_WORKERS":              "3",
		"_MLFLOW_LAUNCH_DATABASE_WAIT":        "90.000",
		"_MLFLOW_LAUNCH_STOP_TIMEOUT":         "1.500",
		"_MLFLOW_LAUNCH_DIRECTORY":            "/run",
		"_MLFLOW_LAUNCH_PUBLIC_CLI":           "0",
		"_MLFLOW_LAUNCH_DIE_WITH_LAUNCHER":    "1",
		"PYTHONPATH":                          "/sp",
	} {
		if env[name] != want {
			t.Errorf("%s=%q, want %q", name, env[name], want)
		}
	}
	if boot := env["_MLFLOW_SERVER_BOOT_ID"]; len(boot) != 32 || boot == childEnviron(t, true)["_MLFLOW_SERVER_BOOT_ID"] {
		t.Errorf("boot id %q is not one of 32 digits that changes", boot)
	}
}

func TestAnotherMLflowIsRunByItsCommandLineAndOutlivesNothing(t *testing.T) {
	env := childEnviron(t, false)
	if env["_MLFLOW_LAUNCH_PUBLIC_CLI"] != "1" || env["_MLFLOW_LAUNCH_DIE_WITH_LAUNCHER"] != "0" {
		t.Error("wants the public command line, whose leader must live to end the others")
	}
}
