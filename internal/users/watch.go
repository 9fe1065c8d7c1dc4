package users

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// Watch reads a users file again whenever it has changed, looking every interval, and whenever again is sent to (SIGHUP).
// A file that cannot be used is logged and changes nothing. It returns when ctx ends.
func (d *Directory) Watch(ctx context.Context, path string, interval time.Duration, again <-chan os.Signal, log *slog.Logger) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	before := stateOf(path)
	// What has changed between the reading of whoever calls and now would not be seen later.
	if credentials, err := ReadFile(path); err != nil || !d.set.Load().has(credentials, d.versionKey) {
		before = fileState{}
	}
	for {
		forced := false
		select {
		case <-ctx.Done():
			return
		case <-again:
			forced = true
		case <-ticker.C:
		}
		now := stateOf(path)
		if now == before && !forced {
			continue
		}
		before = now
		credentials, err := ReadFile(path)
		if err == nil {
			err = d.Replace(credentials)
		}
		if err != nil {
			log.Error("the users file cannot be used; those who could sign in still can", "file", path, "error", err)
			continue
		}
		log.Info("users file read", "file", path, "users", len(credentials))
	}
}

// fileState tells one version of a file from the next. The identity is in it for files that are replaced by renaming,
// as editors and Kubernetes do, within the clock's resolution and with the same size.
type fileState struct {
	size     int64
	modified time.Time
	identity any
}

func stateOf(path string) fileState {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{size: -1}
	}
	return fileState{size: info.Size(), modified: info.ModTime(), identity: inode(info)}
}
