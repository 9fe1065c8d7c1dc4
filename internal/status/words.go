package status

import (
	"fmt"
	"strconv"
	"time"
)

// number writes a count with thousands set apart.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes seconds in the two largest units that are not 0.
func span(seconds int64) string {
	switch d := time.Duration(seconds) * time.Second; {
	case d < time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < time.Hour:
		return fmt.Sprintf("%d min", seconds/60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds/60%60)
	default:
		return fmt.Sprintf("%d d %d h", seconds/86400, seconds/3600%24)
	}
}

// ago writes how long something is past.
func ago(then, now time.Time) string {
	if d := now.Sub(then); d >= 10*time.Second {
		return span(int64(d.Seconds())) + " ago"
	}
	return "now"
}

// megabytes writes a size in the unit in which memory is sold: 1 MB is 1024 times 1024 bytes.
func megabytes(bytes int64) string {
	if bytes <= 0 {
		return "unknown"
	}
	return number(int(bytes>>20)) + " MB"
}

// milliseconds writes seconds for a person.
func milliseconds(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return strconv.FormatFloat(seconds, 'f', -1, 64) + " s"
}
