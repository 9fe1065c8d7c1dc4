package harness

import "os"

// Times is how often a test does something random: long when the environment says LONG=true, which takes hours.
func Times(short, long int) int {
	if os.Getenv("LONG") == "true" {
		return long
	}
	return short
}
