package container

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mlflow-server/e2e/harness"
)

// unshare begins commands that have mounts and process numbers of their own. The one that it starts is PID 1.
var unshare = []string{"unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"}

// namespaces skips the test where this machine does not allow them.
func namespaces(t *testing.T) {
	t.Helper()
	harness.Require(t, "unshare")
	harness.Require(t, "nsenter")
	if out, err := exec.CommandContext(t.Context(), unshare[0], append(unshare[1:], "mount", "-t", "tmpfs", "none", t.TempDir())...).CombinedOutput(); err != nil {
		harness.Missing(t, "this machine lets nobody but root mount in a namespace, or not even root: %s", out)
	}
}

// root makes a directory that can be shown the machine's programs by system.
func root(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755)) // the image's users pass through it
	for _, name := range []string{"usr", "etc", "dev", "proc", "tmp", "var", "run"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	must(t, os.Chmod(filepath.Join(dir, "tmp"), 0o777|os.ModeSticky))
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} { // links into /usr, or directories of their own
		if to, err := os.Readlink("/" + name); err == nil {
			must(t, os.Symlink(to, filepath.Join(dir, name)))
		} else if _, err := os.Stat("/" + name); err == nil {
			must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		}
	}
	return dir
}

// system shows a root the machine's own programs, as the image's base would have them. Arguments: the root.
const system = `set -e
cd "$1"
shift
for dir in usr etc dev; do mount --rbind "/$dir" "$dir"; done
mount -t proc none proc
for dir in bin sbin lib lib64; do
	if [ -d "$dir" ] && [ ! -L "$dir" ]; then mount --rbind "/$dir" "$dir"; fi
done
mount -t tmpfs none usr/local
for python in usr/bin/python3*; do
	if [ -f "$python" ] && [ ! -L "$python" ]; then mount --bind /dev/null "$python"; fi
done
`

// withShared lets a root see directories of this machine, for what its caches save. Arguments: their number, then they.
const withShared = `count=$1
shift
while [ "$count" -gt 0 ]; do
	mkdir -p ".$1"
	mount --bind "$1" ".$1"
	count=$((count - 1))
	shift
done
`
