// Package stack has only tests: the whole stack on AWS, made for real by terraform in a fake of AWS.
package stack
