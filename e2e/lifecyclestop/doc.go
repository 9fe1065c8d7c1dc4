// Package lifecyclestop stops servers that are busy.
package lifecyclestop
