// Package terminal holds how the commands look on a terminal, and that they are plain elsewhere.
package terminal
