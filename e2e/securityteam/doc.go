// Package securityteam has only tests: an editor, a viewer and a token before the real MLflow, and one test by name for
// each of MLflow's holes that the gate closes.
package securityteam
