// Package gate measures the gate alone: before a server that does next to nothing, beside what one would put before MLflow
// instead (nginx or Caddy with a list of passwords) and beside nginx without any login.
package gate
