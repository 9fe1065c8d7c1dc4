package heroku

import (
	"os"
	"os/exec"
	"testing"
)

// WithoutNetwork is for Build.Wrap: the script is alone in a network namespace, in which nothing can be reached, not even
// this machine.
func WithoutNetwork(t testing.TB) []string {
	t.Helper()
	unshare := []string{"unshare", "--net", "--"}
	if exec.Command(unshare[0], append(unshare[1:], "true")...).Run() != nil {
		const reason = "unshare --net does not work here: it needs util-linux, root and a kernel that allows it"
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	return unshare
}
