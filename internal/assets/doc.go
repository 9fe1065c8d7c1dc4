// Package assets serves the files of MLflow's user interface without MLflow: compressed once, when the runtime is made
// (Compress), and then handed out by the gate with headers that let a browser keep them (Room).
//
// MLflow sends the same files from Python, uncompressed: 5 MB for its first page.
package assets
