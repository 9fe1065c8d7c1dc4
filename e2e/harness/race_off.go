//go:build !race

package harness

// RaceDetector is false: see race_on.go.
const RaceDetector = false
