package tracking

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"strconv"
	"strings"

	"mlflow-server/internal/provision"
)

// gateOnly are the variables of the launcher and its gate: secrets that MLflow has no business with, and names that
// MLflow's command line, or a client inside MLflow, would take for its own.
var gateOnly = map[string]bool{
	"PORT": true, "DATABASE_URL": true, "WEB_CONCURRENCY": true, "FORWARDED_ALLOW_IPS": true,
	"MLFLOW_HOST": true, "MLFLOW_PORT": true, "MLFLOW_WORKERS": true, "MLFLOW_DATA_DIR": true,
	"MLFLOW_ARTIFACT_URI": true, "MLFLOW_BACKEND_URI": true, "MLFLOW_BACKEND_STORE_URI": true,
	"MLFLOW_TRACKING_URI": true, "MLFLOW_REGISTRY_URI": true, "MLFLOW_REGISTRY_STORE_URI": true,
	"MLFLOW_DEFAULT_ARTIFACT_ROOT": true, "MLFLOW_ARTIFACTS_DESTINATION": true, "MLFLOW_ARTIFACTS_ONLY": true,
	"MLFLOW_SERVE_ARTIFACTS": true, "MLFLOW_STATIC_PREFIX": true,
	"MLFLOW_UVICORN_OPTS": true, "MLFLOW_GUNICORN_OPTS": true,
	"MLFLOW_ALLOW_DEFAULT_LOGIN": true, "MLFLOW_DRAIN_SECONDS": true,
	"MLFLOW_USERS_FILE": true, "MLFLOW_VIEWERS": true, "MLFLOW_TOKENS": true, "MLFLOW_LOGIN": true, "MLFLOW_STAMP_USER": true,
	"MLFLOW_OPEN_ROUTES": true, "MLFLOW_AUDIT_LOG": true, "MLFLOW_FORCE_HTTPS": true,
	"MLFLOW_TRUSTED_PROXIES": true, "MLFLOW_ALLOWED_HOSTS": true,
	// The gate checks the client's host and origin and passes its own: a list meant for the outside would refuse it.
	"MLFLOW_SERVER_ALLOWED_HOSTS": true, "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": true,
	// A directory here would have MLflow answer metrics of its own (mlflow/server/__init__.py).
	"prometheus_multiproc_dir": true,
}

// gatePrefixes are the same for whole families. PYTHON*: a developer's PYTHONSTARTUP or PYTHONPATH is not for the
// server. _MLFLOW_*: MLflow's private variables, to be set here and nowhere else.
var gatePrefixes = []string{"MLFLOW_DB_", "MLFLOW_TRACKING_", "MLFLOW_SESSION_", "MLFLOW_MAX_REQUESTS", "_MLFLOW_", "BUCKETEER_", "CLOUDCUBE_", "PYTHON", "UVICORN_", "GUNICORN_"}

// gates says whether a variable stays out of the child's environment.
func gates(name string) bool {
	if gateOnly[name] {
		return true
	}
	for _, prefix := range gatePrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// environ is the child's environment: what the launcher was given, without the gate's part, with defaults that the user
// may override, and with what the child needs.
func environ(o Options, directory string) []string {
	given := map[string]bool{}
	var env []string
	for _, pair := range o.Environ {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || gates(name) {
			continue
		}
		env = append(env, pair)
		given[name] = value != "" // an empty variable counts as unset
	}
	for _, d := range defaults {
		if !given[d.name] {
			env = append(env, d.name+"="+d.value)
		}
	}
	for _, d := range poolEnviron(o) {
		if !given[d.name] {
			env = append(env, d.name+"="+d.value)
		}
	}
	env = append(env, mlflowEnviron(o)...)
	env = append(env, launchEnviron(o, directory)...)
	return append(env, o.Runtime.Environ()...)
}

// setting is an environment variable.
type setting struct{ name, value string }

// defaults are settings of MLflow and its libraries that this server chooses and its user may change.
var defaults = []setting{
	{"MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"}, // seven more processes of 150 MB each
	{"MLFLOW_DISABLE_TELEMETRY", "true"},
	{"MLFLOW_MODEL_CATALOG_URI", ""}, // else /gateway/supported-models asks the internet and can hang
	{"MALLOC_ARENA_MAX", "2"},        // glibc makes 8 per core, which costs 6 MB per process
	{"OPENBLAS_NUM_THREADS", "1"},    // else numpy starts threads while it is imported: no safe fork, and memory
}

// The variables by which MLflow makes its pools of connections.
const (
	poolSize  = "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE"
	poolExtra = "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW"
	poolClass = "MLFLOW_SQLALCHEMYSTORE_POOLCLASS"
)

// poolEnviron limits the connections of one process. MLflow takes a limit of 0 for none given (mlflow/store/db/utils.py)
// and would then open ten more when all are in use, so the last one has to be such an extra.
func poolEnviron(o Options) []setting {
	if o.Connections < 2 {
		return nil
	}
	return []setting{{poolSize, strconv.Itoa(poolConnections(o) - 1)}, {poolExtra, "1"}}
}

// poolConnections is how many connections a pool may open, extras included: at least two, since many calls take a second one.
func poolConnections(o Options) int {
	if o.Connections < 2 {
		return 5 + 10 // SQLAlchemy's own choice (sqlalchemy.pool.QueuePool)
	}
	return max(2, o.Connections/pools(o))
}

// pools is how many pools of connections a worker has. The lean workers have one (mlflow_serve/connections.py); MLflow's
// own command line gives each store one: tracking, model registry, and jobs.
func pools(o Options) int {
	switch {
	case o.Jobs:
		return 3
	case runsPublicCLI(o):
		return 2
	default:
		return 1
	}
}

// mlflowEnviron is what tells MLflow where its data is. The names with an underscore are private to MLflow: they are
// what its own command line passes to its workers (mlflow/server/__init__.py), and a test holds them against the locked
// version. They do no harm to another one.
func mlflowEnviron(o Options) []string {
	return []string{
		"_MLFLOW_SERVER_FILE_STORE=" + o.BackendURI,
		"_MLFLOW_SERVER_REGISTRY_STORE=" + o.BackendURI,
		"_MLFLOW_SERVER_ARTIFACT_ROOT=mlflow-artifacts:/",
		"_MLFLOW_SERVER_SERVE_ARTIFACTS=true",
		"_MLFLOW_SERVER_ARTIFACT_DESTINATION=" + o.ArtifactURI,
		"_MLFLOW_SERVER_BOOT_ID=" + bootID(),
		"_MLFLOW_SGI_NAME=uvicorn",
		"_MLFLOW_IN_JOB_EXECUTOR=false",
		// Without it, a request that comes before the store is open makes a ./mlflow.db.
		"MLFLOW_TRACKING_URI=" + o.BackendURI,
	}
}

// launchPrefix begins the names of the variables that are for mlflow_serve/settings.py.
const launchPrefix = "_MLFLOW_LAUNCH_"

// launchEnviron is what mlflow_serve/settings.py reads, and what Python itself needs for our pipes.
func launchEnviron(o Options, directory string) []string {
	seconds := func(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }
	flag := func(b bool) string {
		if b {
			return "1"
		}
		return "0"
	}
	const prefix = launchPrefix
	return []string{
		prefix + "DIRECTORY=" + directory,
		prefix + "WORKERS=" + strconv.Itoa(o.Workers),
		prefix + "THREADS=" + strconv.Itoa(o.Threads),
		prefix + "DATABASE_IDLE=" + seconds(o.DatabaseIdle.Seconds()),
		prefix + "MIGRATION_WAIT=" + seconds(o.MigrationWait.Seconds()),
		prefix + "DATABASE_WAIT=" + seconds(o.DatabaseWait.Seconds()),
		prefix + "STOP_TIMEOUT=" + seconds(o.StopTimeout.Seconds()),
		prefix + "STATUS_FD=" + strconv.Itoa(statusFD),
		prefix + "CONTROL_FD=" + strconv.Itoa(controlFD),
		prefix + "PID=" + strconv.Itoa(os.Getpid()),
		prefix + "DIE_WITH_LAUNCHER=" + flag(diesWithLauncher(o)),
		prefix + "PUBLIC_CLI=" + flag(runsPublicCLI(o)),
		prefix + "LEAN=" + flag(lean(o)),
		prefix + "MLFLOW_VERSION=" + o.Runtime.MLflowVersion,
		familyVariable + "=" + directory,
		"PYTHONUNBUFFERED=1",
	}
}

// familyVariable marks the processes of one life of the child, by its directory. Unlike the launch variables, it stays in their
// environment: the programs of job runners have left the process group and can be told by nothing else (leftovers_linux.go,
// mlflow_serve/leftovers.py).
const familyVariable = "_MLFLOW_FAMILY"

// diesWithLauncher says whether the kernel shall kill the child with the launcher. Not MLflow's public command line: its
// processes outlive their parent, so that one has to stay and end them when the lifeline ends.
func diesWithLauncher(o Options) bool { return !runsPublicCLI(o) }

// PublicCLI says whether MLflow's own command line is run: its private parts are known for the locked version only, and
// only it starts job runners. It takes much more memory, and its workers are not watched one by one.
func PublicCLI(runtime provision.Runtime, jobs bool) bool { return !runtime.Locked || jobs }

func runsPublicCLI(o Options) bool { return PublicCLI(o.Runtime, o.Jobs) }

// lean says whether MLflow is imported without pandas, numpy and the gateway (mlflow_serve/lean.py). Packages that somebody
// has added may need them while they are imported.
func lean(o Options) bool { return o.Runtime.Locked && !o.Runtime.Extended && !o.Gateway }

// bootID names one start of the server to MLflow's workers.
func bootID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}
