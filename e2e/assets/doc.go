// Package assets holds every file of MLflow's user interface, as a browser gets it from the server, against the file in the
// runtime.
package assets
