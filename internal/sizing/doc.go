// Package sizing decides how many MLflow workers, threads and database connections fit, from what the platform allows.
//
// Choose is the decision, with its reason in words; MemoryLimit asks the kernel. The figures that it is based on are
// measured, and docs/memory.md says how.
package sizing
