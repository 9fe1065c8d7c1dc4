// Package image has only tests: how terraform builds and pushes the image, with a docker that only writes down what it is asked.
package image
