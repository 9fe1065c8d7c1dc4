// Package artifacts has only tests: the artifact routes against MLflow's own, request by request, and transfers that are
// broken off in every way, on a real S3 server and on a directory.
package artifacts
