// Package operations has only tests: what docs/aws.md says about operating the stack is done with one in a fake of AWS.
package operations
