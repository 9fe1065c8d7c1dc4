package provision

import (
	"fmt"
	"strings"
	"time"
)

// FormatDuration writes a duration for people: "0.4 s", "12 s", "1 min 5 s".
func FormatDuration(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	case s < 59.5:
		return fmt.Sprintf("%.0f s", s)
	default:
		whole := int(s + 0.5)
		return fmt.Sprintf("%d min %d s", whole/60, whole%60)
	}
}

// FormatSize writes a number of bytes for people, in decimal units: "812 B", "45 kB", "317 MB".
func FormatSize(n int64) string {
	if n < 0 {
		return "-" + FormatSize(-n)
	}
	switch f := float64(n); {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case f < 999.5e3:
		return fmt.Sprintf("%.0f kB", f/1e3)
	case f < 9.95e6:
		return fmt.Sprintf("%.1f MB", f/1e6)
	default:
		return fmt.Sprintf("%.0f MB", f/1e6)
	}
}

// Outcome is what a finished step says: its result, the change on the disk where there is one to speak of, its duration.
func Outcome(result string, took time.Duration, size int64) string {
	var parts []string
	if result != "" {
		parts = append(parts, result)
	}
	if size >= 1e6 || size <= -1e6 {
		sign := ""
		if size > 0 {
			sign = "+"
		}
		parts = append(parts, sign+FormatSize(size))
	}
	return strings.Join(append(parts, FormatDuration(took)), ", ")
}

// share is how far a download is.
func share(done, total int64) string {
	if total <= 0 {
		return FormatSize(done)
	}
	return fmt.Sprintf("%s of %s", FormatSize(done), FormatSize(total))
}
