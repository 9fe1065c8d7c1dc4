// Package client carries the Python programs that drive a server with the real MLflow client; see exercise.py for how they report.
package client

import "embed"

// Files holds the programs, to be written out beside each other before Python runs exercise.py.
//
//go:embed *.py
var Files embed.FS
