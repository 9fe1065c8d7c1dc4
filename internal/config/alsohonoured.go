package config

// AlsoHonoured are variables of MLflow and of the libraries in it that this server takes into account, or whose default it
// changes. They are no part of the contract: what they mean is up to MLflow.
var AlsoHonoured = []Variable{
	{Name: "AWS_REGION",
		Description: "region of the artifact store on S3, before AWS_DEFAULT_REGION"},
	{Name: "AWS_SESSION_TOKEN", Secret: true,
		Description: "token of keys for S3 that are good for a time only"},
	{Name: "AWS_PROFILE",
		Description: "section of AWS's shared files that has the keys for S3"},
	{Name: "MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION",
		Description: "unsigned sends no keys, for a bucket that is open to all"},
	{Name: "MLFLOW_ENABLE_WORKSPACES", Default: "false",
		Description: "true switches MLflow's workspaces on; MLflow then answers artifacts and the calls of training loops by itself"},
	{Name: "MLFLOW_READ_REPLICA_BACKEND_STORE_URI", Secret: true,
		Description: "SQLAlchemy URI of a replica for MLflow to read from; MLflow then answers the calls of training loops by itself"},
	{Name: "MLFLOW_TRACE_ARCHIVAL_CONFIG",
		Description: "file that configures MLflow's archive of traces; MLflow then answers the calls of training loops by itself"},
	{Name: "PGSSLMODE",
		Description: "TLS to PostgreSQL where the database's URI has no sslmode"},
	{Name: "PGSSLROOTCERT",
		Description: "file of certificates to trust for PostgreSQL"},
	{Name: "MLFLOW_MYSQL_SSL_CA",
		Description: "file of certificates to trust for MySQL"},
	{Name: "MLFLOW_MYSQL_SSL_CERT",
		Description: "file of this server's certificate for MySQL"},
	{Name: "MLFLOW_MYSQL_SSL_KEY",
		Description: "file of its key"},
	{Name: "MLFLOW_LOGGING_LEVEL", Default: "INFO",
		Description: "DEBUG shows more of MLflow's log"},
	{Name: "MLFLOW_DISABLE_TELEMETRY", Default: "true",
		Description: "false lets MLflow tell its makers how it is used"},
}
