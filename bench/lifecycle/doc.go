// Package lifecycle measures how the server lives: its memory over a long time under even load, how soon it is back after
// a process of it was killed, and whether anything that was acknowledged is lost when processes are killed at random.
package lifecycle
