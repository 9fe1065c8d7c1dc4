package artifacts_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// lostCompletion loses the answer to a completion, and says to those that come after it that the upload is gone. So do Amazon's
// S3 and others; versitygw would say once more that it is done.
func lostCompletion() func(*http.Request) fault {
	seen := 0
	return func(r *http.Request) fault {
		if !isCompletion(r) {
			return fault{}
		}
		if seen++; seen == 1 {
			return fault{lost: true}
		}
		return fault{status: 404, code: "NoSuchUpload"}
	}
}

// The SDK repeats a request whose answer is lost, and the store has done already what it is asked for.
func TestALostAnswerIsNoLostFile(t *testing.T) {
	t.Parallel()
	s := reachable(t, nil)
	content := random(7 << 20)
	t.Run("of the completion", func(t *testing.T) {
		s.faulty.set(lostCompletion())
		if status, body, err := s.upload(t.Context(), "completed", content, -1, true); status != 200 || !bytes.Equal(s.stored("completed"), content) {
			t.Errorf("%d %s %v", status, body, err)
		}
	})
	t.Run("of a completion that a client asks for", func(t *testing.T) {
		s.faulty.set(lostCompletion())
		finish := s.sendDirectly(t, "direct", content)
		if a := s.step(t, "complete", finish); a.status != 200 || !bytes.Equal(s.stored("dir/direct"), content) {
			t.Errorf("%d %s %v", a.status, a.body, a.err)
		}
		if a := s.step(t, "complete", finish); a.status != 200 {
			t.Errorf("asked for again, since this answer was lost too: %d %s", a.status, a.body)
		}
		s.faulty.set(always(fault{}, isPut))
		if status, body, err := s.upload(t.Context(), "dir/direct", []byte("another"), -1, true); status != 200 {
			t.Fatal(status, body, err)
		}
		if a := s.step(t, "complete", finish); a.status != 404 {
			t.Errorf("asked for when the file is another one: %d %s", a.status, a.body)
		}
	})
	s.settled(t)
	t.Run("of the beginning", func(t *testing.T) {
		s.faulty.set(first(1, fault{lost: true}, isBeginning))
		if status, body, err := s.upload(t.Context(), "begun", content, -1, true); status != 200 || !bytes.Equal(s.stored("begun"), content) {
			t.Errorf("%d %s %v", status, body, err)
		}
		if left := s.leftovers(t); len(left) != 1 { // its id has been in the lost answer only: found by its age
			t.Errorf("left: %v", left)
		}
	})
}

// Whoever repeats a 404 waits for something to appear that has never been there, so that clients do not.
func TestAnUploadThatTheStoreLosesIsAnErrorThatClientsRepeat(t *testing.T) {
	t.Parallel()
	s := s3UnderTest(t, nil)
	old, content := random(7<<20), random(7<<20)
	content[0] ^= 0xff // of the same size
	if status, body, err := s.upload(t.Context(), "x", old, -1, true); status != 200 {
		t.Fatal(status, body, err)
	}
	for what, match := range map[string]func(*http.Request) bool{"a part": isPart, "the completion": isCompletion} {
		s.faulty.set(always(fault{status: 404, code: "NoSuchUpload"}, match))
		status, body, err := s.upload(t.Context(), "x", content, -1, true)
		if status != 503 || !strings.Contains(body, "TEMPORARILY_UNAVAILABLE") {
			t.Errorf("%s: %d %s %v", what, status, body, err)
		}
		if !bytes.Equal(s.stored("x"), old) {
			t.Errorf("%s: the old file is gone", what)
		}
	}
	s.faulty.set(always(fault{}, isPut))
	s.settled(t)
}
