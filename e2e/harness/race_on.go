//go:build race

package harness

// raceDetector says whether the tests run under the race detector; then the binary is built with it too.
const raceDetector = true
