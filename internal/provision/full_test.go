package provision

import (
	"errors"
	"syscall"
	"testing"
)

func TestAFailureIsBlamedOnTheDiskOnlyWhenItIsFull(t *testing.T) {
	odd := errors.New("marshal data too short")
	if got := orFull(odd, t.TempDir()); got != odd {
		t.Errorf("on a disk with space it is %v", got)
	}
	if got := orFull(odd, "/nonexistent"); got != odd {
		t.Errorf("without a directory it is %v", got)
	}
	if got := orFull(odd, "/proc/self"); !errors.Is(got, syscall.ENOSPC) || !errors.Is(got, odd) { // a file system without any space
		t.Errorf("on a full disk it is %v", got)
	}
}
