// Package security has only tests: every route of the real MLflow, in every spelling, and every header that could name a
// user, against the gate.
package security
