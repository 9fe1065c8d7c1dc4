// Package badinput has only tests: what a user reads who has configured something wrong.
package badinput
