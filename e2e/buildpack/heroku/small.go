package heroku

import (
	"os"
	"os/exec"
	"testing"
)

// Small is for Build.Wrap: the script finds a file system of that size at dir, in a mount namespace of its own.
func Small(t testing.TB, dir, size string) []string {
	return wrapped(t, `mount -t tmpfs -o size="$size" none "$dir"`, dir, size)
}

// SmallCopy is Small with what lies in dir copied into it, and the listing of what is added to it taken for that of the
// real one: a script that leaves anything there fails.
func SmallCopy(t testing.TB, dir, size string) []string {
	return wrapped(t, `
		saved=$(mktemp -d)
		cp -a "$dir/." "$saved"
		mount -t tmpfs -o size="$size" none "$dir"
		cp -a "$saved/." "$dir"
		rm -rf "$saved"
		before=$(cd "$dir" && find . | sort)
		code=0
		"$@" || code=$?
		[ "$before" = "$(cd "$dir" && find . | sort)" ] || { echo "the script left something in its directory"; exit 99; }
		exit $code`, dir, size)
}

// ReadOnly is for Build.Wrap: the script cannot write to dir, whoever it runs as.
func ReadOnly(t testing.TB, dir string) []string {
	return wrapped(t, `mount --bind "$dir" "$dir" && mount -o remount,ro,bind "$dir"`, dir, "")
}

func wrapped(t testing.TB, script, dir, size string) []string {
	t.Helper()
	unshare := []string{"unshare", "--mount", "--propagation", "private", "--"}
	if exec.Command(unshare[0], append(unshare[1:], "mount", "-t", "tmpfs", "none", t.TempDir())...).Run() != nil {
		const reason = "unshare --mount does not work here: it needs util-linux, root and a kernel that allows it"
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	return append(unshare, "sh", "-e", "-c", "dir=$1 size=$2; shift 2; "+script+"\nexec \"$@\"", "sh", dir, size)
}
