// Package fasttrack measures the calls of training loops: this server with native tracking on and off, and "mlflow server"
// with two and with four workers, in turns on one database.
package fasttrack
