package provision

import "os"

func prune(packages string) error {
	// uv's console scripts, whose first line is the path of the interpreter at build time. finish.py writes movable ones.
	return os.RemoveAll(packages + "/bin")
}
