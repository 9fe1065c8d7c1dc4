package artifacts

import (
	"net/http"
	"sync"
	"time"

	"mlflow-server/internal/config"
)

// limits bound what users may store and how much happens at once. They count in this process only.
type limits struct {
	most      int64 // bytes of one artifact, 0 for any
	daily     int64 // bytes of one user in one day (UTC), 0 for any
	transfers *places
	now       func() time.Time

	mu   sync.Mutex
	day  string
	used map[string]int64 // by user, on day
}

func newLimits(s config.ArtifactService, now func() time.Time) *limits {
	return &limits{most: s.MaxBytes, daily: s.MaxDailyBytes, transfers: newPlaces(s.MaxTransfers), now: now}
}

// any says whether there are limits of size.
func (l *limits) any() bool { return l.most > 0 || l.daily > 0 }

// mayUpload refuses an upload that says beforehand that it is too large; size is -1 when it does not say.
func (l *limits) mayUpload(user string, size int64) error {
	if l.most > 0 && size > l.most {
		return l.tooLarge()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.daily > 0 && l.today()[user]+max(size, 0) > l.daily {
		return l.spent()
	}
	return nil
}

// add counts bytes of a user and refuses those beyond the day's limit.
func (l *limits) add(user string, n int64) error {
	if l.daily == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	today := l.today()
	if n > 0 && today[user]+n > l.daily {
		return l.spent()
	}
	today[user] = max(today[user]+n, 0)
	return nil
}

// today is what users have used since midnight. The lock is held.
func (l *limits) today() map[string]int64 {
	if day := l.now().UTC().Format(time.DateOnly); day != l.day {
		l.day, l.used = day, map[string]int64{}
	}
	return l.used
}

func (l *limits) tooLarge() error {
	return &failure{status: http.StatusRequestEntityTooLarge, code: "RESOURCE_EXHAUSTED",
		message: "The artifact is larger than this server allows (MLFLOW_MAX_ARTIFACT_MB)"}
}

func (l *limits) spent() error {
	return &failure{status: http.StatusInsufficientStorage, code: "RESOURCE_EXHAUSTED",
		message: "You have uploaded as much today as this server allows (MLFLOW_MAX_DAILY_UPLOAD_MB)"}
}

// counter counts one upload.
func (l *limits) counter(user string) *uploadCounter { return &uploadCounter{limits: l, user: user} }

type uploadCounter struct {
	limits *limits
	user   string
	n      int64
}

func (c *uploadCounter) add(n int64) error {
	if c.limits.most > 0 && c.n+n > c.limits.most {
		return c.limits.tooLarge()
	}
	if err := c.limits.add(c.user, n); err != nil {
		return err
	}
	c.n += n
	return nil
}

// giveBack forgets an upload that was not stored.
func (c *uploadCounter) giveBack() { _ = c.limits.add(c.user, -c.n) }
