// Package scan has only tests: what a policy scanner says about the configuration.
package scan
