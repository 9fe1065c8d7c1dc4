package harness

// Scratch makes a directory that every user may pass through and that lives as long as the test process, for what its
// tests share.
func Scratch(pattern string) (string, error) { return scratch(pattern) }
