package harness

// Survivors notes a process, its session and its descendants, and returns a function that lists those of them that still
// run, each as its number and command. Where there is no /proc it lists none.
func Survivors(leader int) func() []string {
	before := family(leader)
	return func() (left []string) {
		for _, p := range append(alive(before), family(leader)...) {
			left = append(left, p.String())
		}
		return left
	}
}
