package harness

// Scratch makes a directory that every user may pass through and that lives as long as the test process, for what its
// tests share.
func Scratch(pattern string) (string, error) { return scratch(pattern) }

// CleanUp does what Main does at the end of a test process, for a program that uses this package without tests.
func CleanUp() error { return shared.close() }
