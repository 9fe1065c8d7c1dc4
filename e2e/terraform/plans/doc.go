// Package plans has only tests: the configuration is formatted, valid and described, and its own tests pass. No AWS is asked.
package plans
