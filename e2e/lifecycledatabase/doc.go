// Package lifecycledatabase looks at what a server asks of its database: how many connections, none while nobody asks, and
// patience with one that wakes up. Its tests mostly wait, so that they do so at the same time.
package lifecycledatabase
