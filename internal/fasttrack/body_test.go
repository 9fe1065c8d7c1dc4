package fasttrack

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"
)

func TestABodyThatComesSoonIsRead(t *testing.T) {
	for _, size := range []int{1, piece, piece + 1, 1 << 20} {
		sent := bytes.Repeat([]byte("x"), size)
		got, late, err := arrive(bytes.NewReader(sent), int64(size), time.Minute, func() { t.Error("dropped") })
		if err != nil || late != nil || !bytes.Equal(got, sent) {
			t.Errorf("%d bytes: %d, late: %v, %v", size, len(got), late != nil, err)
		}
		if _, _, err := arrive(bytes.NewReader(sent[1:]), int64(size), time.Minute, func() {}); err == nil {
			t.Errorf("%d bytes: one too few is no error", size)
		}
		if _, _, err := arrive(iotest.ErrReader(io.ErrClosedPipe), int64(size), time.Minute, func() {}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestABodyThatDoesNotComeSoonIsWholeForMLflow(t *testing.T) {
	sent := bytes.Repeat([]byte("0123456789"), 20_000)
	for _, lost := range []bool{false, true} {
		from, to := io.Pipe()
		isLate := make(chan struct{})
		go func() {
			_, _ = to.Write(sent[:150_000])
			select {
			case <-isLate: // however long a busy machine takes to say so
			case <-time.After(time.Minute):
			}
			if lost {
				_ = to.CloseWithError(io.ErrClosedPipe)
				return
			}
			_, _ = to.Write(sent[150_000:170_000])
			_, _ = to.Write(sent[170_000:])
			_ = to.Close()
		}()
		var dropped bool
		body, late, err := arrive(from, int64(len(sent)), 50*time.Millisecond, func() { dropped = true })
		if err != nil || body != nil || late == nil {
			t.Fatalf("%d bytes, late: %v, %v", len(body), late != nil, err)
		}
		close(isLate)
		head := make([]byte, 150_000)
		if _, err := io.ReadFull(late, head); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(late)
		if lost != (err != nil) || !lost && !bytes.Equal(append(head, rest...), sent) || !dropped {
			t.Errorf("lost: %v: %d and %d bytes, %v, dropped: %v", lost, len(head), len(rest), err, dropped)
		}
	}
}
