// Package release makes releases with .ci/release: the same commit twice, in places that have nothing in common.
package release
