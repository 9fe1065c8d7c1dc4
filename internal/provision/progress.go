package provision

import "time"

// Progress hears how an installation goes, from one goroutine at a time. Texts carry no secrets.
type Progress interface {
	// Started opens a step, such as "Installing MLflow 3.17.2". The one before it has ended.
	Started(step string)
	// Note is a remark within a step, or between two.
	Note(text string)
	// Downloaded says how many bytes of a download have come; total is -1 when it is not known.
	Downloaded(done, total int64)
	// Finished ends a step well. result says what came of it ("" for nothing to say), size is the bytes on disk that
	// it added, negative for what it removed, 0 where that means nothing.
	Finished(step, result string, took time.Duration, size int64)
	// Failed ends a step badly. The error is what Install returns: it is for the caller to print.
	Failed(step string, took time.Duration)
}

// Silent is a Progress that says nothing.
type Silent struct{}

// Started says nothing.
func (Silent) Started(string) {}

// Note says nothing.
func (Silent) Note(string) {}

// Downloaded says nothing.
func (Silent) Downloaded(int64, int64) {}

// Finished says nothing.
func (Silent) Finished(string, string, time.Duration, int64) {}

// Failed says nothing.
func (Silent) Failed(string, time.Duration) {}
