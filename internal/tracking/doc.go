// Package tracking runs MLflow as a child process and passes requests to its workers.
//
// The child is a small Python program, serve.py and the package mlflow_serve, which are embedded here: it waits for
// the database, checks and upgrades the schema, imports MLflow once and forks workers that listen on a private unix
// socket each. It tells what happens over a status pipe and ends when a control pipe closes. Server.Run supervises it;
// Server.RoundTrip sends a request to the least busy worker. An MLflow other than the locked one is run by its public
// command line instead, behind the same interface.
package tracking
