package harness

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// environment is what an instance or a client sees: nothing of the developer's own settings but the search path, with a home of its
// own. Only the cache directory is the user's, because the runtime is there.
func environment(t testing.TB, home string, extra ...map[string]string) []string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{
		"PATH":           os.Getenv("PATH"),
		"HOME":           home,
		"XDG_CACHE_HOME": cache,
		"TMPDIR":         filepath.Clean(os.TempDir()),
		"LANG":           "C.UTF-8",
		// The race detector's runtime sleeps for a second before every exit unless told otherwise.
		"GORACE": "atexit_sleep_ms=50",
	}
	for _, more := range extra {
		maps.Copy(vars, more)
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, name+"="+vars[name])
	}
	return list
}
