//go:build race

package harness

// RaceDetector says whether the tests run under the race detector; then the binary is built with it too.
const RaceDetector = true
