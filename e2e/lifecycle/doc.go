// Package lifecycle lets real servers live through what a platform does to them: kills, idle times, memory that runs out,
// a disk that is emptied.
package lifecycle
