// Package provision puts what the server runs into one directory that can be moved: a Python interpreter where the
// machine has none that fits, and the hash-locked, lean MLflow set with its bytecode.
//
// Install makes such a runtime: it is built beside its final place and renamed into it, so that what lies there is
// always whole. Find looks for one and never uses the network. The lock itself is in lock/, the other pins in
// pins.json; "go generate ./internal/provision" renews them.
package provision

//go:generate go run ./relock
