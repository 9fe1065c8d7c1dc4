// Package fasttrack sends the same calls to MLflow and to the server that answers them natively, and compares every
// answer and every row.
package fasttrack
