package config

// Variable describes one environment variable of the contract.
type Variable struct {
	// Name is the variable's name.
	Name string
	// Group is what the variable is about; variables of one group stand together.
	Group string
	// Default is the value that counts when the variable is not set; empty when there is none.
	Default string
	// LocalDefault is the default of the local profile where that differs.
	LocalDefault string
	// Description is one sentence, without a full stop, for a table or a help text.
	Description string
	// Secret says that the value must not be shown.
	Secret bool
}

// Variables is every variable that is honoured: the one source of the help text, the README's table, .env.example and
// of the defaults themselves.
var Variables = []Variable{
	{Name: "PORT", Group: "Address", Default: "80", LocalDefault: "5000",
		Description: "port the server listens on"},
	{Name: "MLFLOW_HOST", Group: "Address", Default: "0.0.0.0", LocalDefault: "127.0.0.1",
		Description: "address or name the server listens on"},
	{Name: "MLFLOW_ALLOWED_HOSTS", Group: "Address", LocalDefault: "localhost,127.0.0.1,[::1]",
		Description: "names under which browsers reach the server, separated by commas; all others are refused; * is any; the default is HEROKU_APP_DEFAULT_DOMAIN_NAME where that is set, else localhost, 127.0.0.1 and [::1] on a loopback address without MLFLOW_TRUSTED_PROXIES, else any"},
	{Name: "MLFLOW_TRUSTED_PROXIES", Group: "Address",
		Description: "proxies that tell the client's address and scheme: how many there are in front (a load balancer: 1, CloudFront before it: 2), or their addresses and networks; the default is 1 on a dyno, else none"},
	{Name: "MLFLOW_FORCE_HTTPS", Group: "Address", Default: "auto",
		Description: "true sends browsers and clients from http to https, as a trusted proxy tells it; auto is true on a dyno"},

	{Name: "MLFLOW_TRACKING_USERNAME", Group: "Login", Default: "mlflow",
		Description: `user names, separated by commas (\, is a comma)`},
	{Name: "MLFLOW_TRACKING_PASSWORD", Group: "Login", Default: "mlflow", Secret: true,
		Description: "their passwords in the same order, each plain or a bcrypt hash (of a cost up to 16)"},
	{Name: "MLFLOW_ALLOW_DEFAULT_LOGIN", Group: "Login", Default: "false",
		Description: "true allows the default password on an address that others can reach"},
	{Name: "MLFLOW_USERS_FILE", Group: "Login",
		Description: "file of users in htpasswd format with bcrypt hashes, in place of the two lists; read again when it changes and on SIGHUP"},
	{Name: "MLFLOW_VIEWERS", Group: "Login",
		Description: "names of the users who may read and not write, separated by commas"},
	{Name: "MLFLOW_TOKENS", Group: "Login", Secret: true,
		Description: "tokens that stand for a password, as user:ID.HASH separated by commas; mlflow-server token new makes them"},
	{Name: "MLFLOW_LOGIN", Group: "Login", Default: "page",
		Description: "page shows people a sign-in page, basic the browser's own window; programs sign in the same way with both"},
	{Name: "MLFLOW_SESSION_SECRET", Group: "Login", Secret: true,
		Description: "at least 32 characters that sign sessions, the same for all instances; without it sessions end with the process"},
	{Name: "MLFLOW_SESSION_HOURS", Group: "Login", Default: "168",
		Description: "how long somebody stays signed in, 1 to 8760"},
	{Name: "MLFLOW_STAMP_USER", Group: "Login", Default: "false",
		Description: "true makes the signed-in user the author of new runs, whatever name the client sends"},
	{Name: "MLFLOW_OPEN_ROUTES", Group: "Login",
		Description: "parts of MLflow that are closed by default and shall be open: assistant, gateway, jobs, users, webhooks, unknown"},
	{Name: "MLFLOW_AUDIT_LOG", Group: "Login", Default: "off",
		Description: "stdout or a file for one JSON line for each request that changes something; off for none"},

	{Name: "MLFLOW_DATA_DIR", Group: "Storage", Default: ".", LocalDefault: "./mlflow-data",
		Description: "directory of SQLite and other local state; the local profile keeps artifacts there too"},
	{Name: "MLFLOW_ARTIFACT_URI", Group: "Storage", Default: "./mlruns", LocalDefault: "./mlflow-data/mlruns",
		Description: "artifact store: s3://bucket/prefix or a directory"},
	{Name: "MLFLOW_S3_ENDPOINT_URL", Group: "Storage",
		Description: "http or https URL of an S3 service other than Amazon's"},
	{Name: "AWS_ACCESS_KEY_ID", Group: "Storage",
		Description: "access key for the artifact store on S3"},
	{Name: "AWS_SECRET_ACCESS_KEY", Group: "Storage", Secret: true,
		Description: "secret key for the artifact store on S3"},
	{Name: "AWS_DEFAULT_REGION", Group: "Storage",
		Description: "region of the artifact store on S3"},
	{Name: "MLFLOW_S3_PUBLIC_ENDPOINT_URL", Group: "Storage",
		Description: "http or https URL at which clients reach that S3 service, where it is another one; large files then go there directly"},
	{Name: "MLFLOW_S3_UPLOAD_EXTRA_ARGS", Group: "Storage",
		Description: `JSON of arguments for every upload to S3, under boto3's names ({"ServerSideEncryption": "AES256"})`},
	{Name: "MLFLOW_S3_EXPECTED_BUCKET_OWNER", Group: "Storage",
		Description: "account that must own the bucket"},
	{Name: "MLFLOW_S3_IGNORE_TLS", Group: "Storage", Default: "false",
		Description: "true accepts any certificate of the S3 service"},
	{Name: "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", Group: "Storage", Default: "auto",
		Description: "where the bucket stands in the S3 service's URLs: path, virtual (in the host name) or auto"},

	{Name: "ARTIFACT_URL", Group: "Other names",
		Description: "mlflow-easyauth's name for MLFLOW_ARTIFACT_URI, which wins"},
	{Name: "BUCKETEER_BUCKET_NAME", Group: "Other names",
		Description: "set by Heroku's add-on Bucketeer, whose bucket is used unless MLFLOW_ARTIFACT_URI is set; its keys then replace AWS_*"},
	{Name: "BUCKETEER_AWS_ACCESS_KEY_ID", Group: "Other names",
		Description: "access key for that bucket"},
	{Name: "BUCKETEER_AWS_SECRET_ACCESS_KEY", Group: "Other names", Secret: true,
		Description: "secret key for that bucket"},
	{Name: "BUCKETEER_AWS_REGION", Group: "Other names",
		Description: "region of that bucket"},
	{Name: "CLOUDCUBE_URL", Group: "Other names",
		Description: "set by Heroku's add-on Cloudcube, whose part of a bucket is used in the same way; AWS_DEFAULT_REGION says where it is, else its name"},
	{Name: "CLOUDCUBE_ACCESS_KEY_ID", Group: "Other names",
		Description: "access key for that part of a bucket"},
	{Name: "CLOUDCUBE_SECRET_ACCESS_KEY", Group: "Other names", Secret: true,
		Description: "secret key for that part of a bucket"},

	{Name: "MLFLOW_NATIVE_ARTIFACTS", Group: "Artifacts", Default: "true",
		Description: "false leaves artifact requests to MLflow, which keeps each file on its disk before it passes it on"},
	{Name: "MLFLOW_MAX_ARTIFACT_MB", Group: "Artifacts", Default: "0",
		Description: "largest file that is taken, in MB of 1024 KB; 0 is any"},
	{Name: "MLFLOW_MAX_DAILY_UPLOAD_MB", Group: "Artifacts", Default: "0",
		Description: "how much one user may upload in one day (UTC, counted since the start of this process), in MB; 0 is any"},
	{Name: "MLFLOW_MAX_TRANSFERS", Group: "Artifacts", Default: "64",
		Description: "uploads and downloads that may be under way at once, 1 to 10000; one of several users gets half"},
	{Name: "MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", Group: "Artifacts", Default: "300",
		Description: "how long a URL is good for with which a client fetches a file from S3 by itself, 1 to 604800 seconds"},

	{Name: "MLFLOW_BACKEND_URI", Group: "Database", Secret: true,
		Description: "SQLAlchemy URI of the backend store; when set, DATABASE_URL and MLFLOW_DB_* are ignored"},
	{Name: "DATABASE_URL", Group: "Database", Secret: true,
		Description: "database as Heroku gives it; when set, MLFLOW_DB_* is ignored; on a dyno sslmode is require unless given"},
	{Name: "MLFLOW_DB_DIALECT", Group: "Database", Default: "postgresql",
		Description: "postgresql, mysql, mssql or sqlite, with a driver if need be (mysql+pymysql)"},
	{Name: "MLFLOW_DB_USERNAME", Group: "Database", Default: "mlflow",
		Description: "login of the backend store"},
	{Name: "MLFLOW_DB_PASSWORD", Group: "Database", Default: "mlflow", Secret: true,
		Description: "password of the backend store"},
	{Name: "MLFLOW_DB_HOST", Group: "Database",
		Description: "host of the backend store, or the directory of its socket; MLFLOW_DB_* counts only when this is set or the dialect is sqlite"},
	{Name: "MLFLOW_DB_PORT", Group: "Database", Default: "3306, postgresql: 5432, mssql: 1433",
		Description: "port of the backend store"},
	{Name: "MLFLOW_DB_DATABASE", Group: "Database", Default: "mlflow",
		Description: "name of the database; for sqlite its file in the data directory (default mlflow.db)"},
	{Name: "MLFLOW_DB_WAIT_SECONDS", Group: "Database", Default: "60",
		Description: "how long a start waits for a database that cannot be reached"},
	{Name: "MLFLOW_DB_MAX_CONNECTIONS", Group: "Database", Default: "20",
		Description: "connections that the database (not SQLite) allows to one instance, with a migration beside it; several at once, as while dynos are replaced, need a part each; 0 is any number"},
	{Name: "MLFLOW_DB_IDLE_SECONDS", Group: "Database", Default: "120",
		Description: "an unused connection to the database is closed after so long; 0 keeps it"},
	{Name: "MLFLOW_NATIVE_TRACKING", Group: "Database", Default: "true",
		Description: "false leaves the plain calls of training loops, which are answered from PostgreSQL without it, to MLflow too"},
	{Name: "MLFLOW_DB_MIGRATION_WAIT_SECONDS", Group: "Database", Default: "900",
		Description: "how long to wait for another process that changes the database's schema"},

	{Name: "WEB_CONCURRENCY", Group: "Process",
		Description: "number of MLflow workers, 1 to 64; the default is what fits the memory limit and the database; without a limit 2, or what the machine's memory holds"},
	{Name: "MLFLOW_WORKER_MEMORY_MB", Group: "Process", Default: "auto",
		Description: "a worker that takes more MB is replaced when it has answered its requests; auto is its share of the memory limit or, without one, of half the machine's memory; 0 is never"},
	{Name: "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", Group: "Process", Default: "false",
		Description: "true runs MLflow's job runners, which take 1.4 GB more, and MLflow's own command line instead of the lean workers"},
	{Name: "MLFLOW_ALLOW_EPHEMERAL", Group: "Process", Default: "false",
		Description: "true allows SQLite and a directory of artifacts on a dyno, whose disk is emptied at every restart"},
	{Name: "MLFLOW_METRICS_PORT", Group: "Process",
		Description: "port on 127.0.0.1 for Prometheus metrics without a login; they are always at /-/metrics behind the login"},
	{Name: "MLFLOW_MAX_REQUESTS", Group: "Process", Default: "1000",
		Description: "requests of users that may be under way at once; 0 is any number"},
	{Name: "MLFLOW_MAX_REQUESTS_PER_USER", Group: "Process", Default: "500",
		Description: "the same for one user"},
	{Name: "MLFLOW_DRAIN_SECONDS", Group: "Process", Default: "25",
		Description: "how long requests in flight may take to finish when the server is stopped"},
}

// defaultOf is what a variable that is not set means in a profile. Asking for one that is not in the table is a mistake
// in this package, so that no default can be missing from what users read.
func (p Profile) defaultOf(name string) string {
	for _, v := range Variables {
		if v.Name != name {
			continue
		}
		if p.local && v.LocalDefault != "" {
			return v.LocalDefault
		}
		return v.Default
	}
	panic("config: no such variable: " + name)
}
