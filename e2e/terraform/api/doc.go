// Package api has only tests: plans that ask AWS, for which moto stands in.
package api
