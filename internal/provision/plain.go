package provision

import (
	"fmt"
	"io"
	"time"
)

// plain writes one line for each step and note, for logs.
type plain struct {
	out  io.Writer
	now  func() time.Time
	last time.Time // of the last line about the running download
}

// plainEvery is the time between two lines about one download.
const plainEvery = 10 * time.Second

// NewPlain is a Progress in whole lines, without colour.
func NewPlain(out io.Writer) Progress { return &plain{out: out, now: time.Now} }

func (p *plain) Started(step string) {
	p.last = p.now()
	fmt.Fprintf(p.out, "%s …\n", step)
}

func (p *plain) Note(text string) { fmt.Fprintf(p.out, "  %s\n", text) }

func (p *plain) Downloaded(done, total int64) {
	if now := p.now(); now.Sub(p.last) >= plainEvery {
		p.last = now
		fmt.Fprintf(p.out, "  %s\n", share(done, total))
	}
}

func (p *plain) Finished(step, result string, took time.Duration, size int64) {
	fmt.Fprintf(p.out, "%s: %s\n", step, Outcome(result, took, size))
}

func (p *plain) Failed(step string, took time.Duration) {
	fmt.Fprintf(p.out, "%s: failed after %s\n", step, FormatDuration(took))
}
