package users

import (
	"testing"
	"time"
)

// TestAPasswordThatWasChangedWhileItWasCheckedIsOut holds a check of the old password back until the users have been
// replaced and the same password has come again: the answer to the first is none to the second.
func TestAPasswordThatWasChangedWhileItWasCheckedIsOut(t *testing.T) {
	for why, c := range map[string]struct {
		cost int
		next []Credential
	}{
		"changed":                 {10, []Credential{{"ann", hashed(t, "new", 10)}}},
		"changed to a plain text": {4, []Credential{{"ann", "new"}, {"bob", hashed(t, "b", 4)}}},
		"removed":                 {4, []Credential{{"bob", hashed(t, "b", 4)}}},
	} {
		t.Run(why, func(t *testing.T) {
			d := directory(t, Accounts{Credentials: []Credential{{"ann", hashed(t, "old", c.cost)}}})
			line := d.set.Load().hasher.line
			release := occupy(t, line)
			type answer struct {
				verdict Verdict
				version Version
			}
			before, after := make(chan answer, 1), make(chan answer, 1)
			check := func(to chan answer, key uint64) {
				v, version := d.Check(t.Context(), Attempt{Name: "ann", Password: "old", From: Origin{Key: key}})
				to <- answer{v, version}
			}
			was, _ := d.Version("ann")
			go check(before, 1)
			line.await(t, 1)
			if err := d.Replace(c.next); err != nil {
				t.Fatal(err)
			}
			go check(after, 2)
			for deadline := time.Now().Add(time.Second); line.length() < 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			}
			release()
			if a := <-before; a.verdict != Right || a.version != was {
				t.Errorf("before: %+v, want the version that was right", a)
			}
			if a := <-after; a.verdict != Wrong || a.version != (Version{}) {
				t.Errorf("after: %+v", a)
			}
			for _, name := range []string{"ann", "eve"} {
				hashes := d.set.Load().hasher.hashes.Load()
				if d.Verify(t.Context(), name, "old") != Wrong {
					t.Errorf("%s comes in with the old password", name)
				}
				if d.set.Load().hasher.hashes.Load() == hashes {
					t.Errorf("the old password of %s is known without a hash", name)
				}
			}
		})
	}
}
