package provision

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// ProgressFor is the Progress that fits a file: a line that changes in place on a terminal, plain lines elsewhere.
// Colour is left out when NO_COLOR is set (no-color.org), and everything but lines when TERM is dumb.
func ProgressFor(file *os.File) Progress {
	if !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return NewPlain(file)
	}
	width := func() int {
		// Some terminals, such as those of CI and of "docker run -t", say that they have no columns at all.
		if w, _, err := term.GetSize(int(file.Fd())); err == nil && w >= 20 {
			return w
		}
		return 80
	}
	return newTerminal(file, width, os.Getenv("NO_COLOR") == "")
}

// terminal keeps the running step in one line, with its last note and how long it has been running.
type terminal struct {
	out    io.Writer
	width  func() int
	colour bool

	mu    sync.Mutex
	step  string
	note  string
	drawn string // what stands in the line now
	since time.Time
	stop  chan struct{}
	gone  sync.WaitGroup
}

const (
	clearLine = "\r\x1b[K"
	green     = "\x1b[32m"
	red       = "\x1b[31m"
	dim       = "\x1b[2m"
	reset     = "\x1b[0m"
)

// redrawEvery is how often the line's clock moves on.
const redrawEvery = 200 * time.Millisecond

func newTerminal(out io.Writer, width func() int, colour bool) *terminal {
	return &terminal{out: out, width: width, colour: colour}
}

func (t *terminal) Started(step string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step, t.note, t.since, t.stop = step, "", time.Now(), make(chan struct{})
	t.draw()
	stop := t.stop
	t.gone.Go(func() {
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				t.mu.Lock()
				t.draw()
				t.mu.Unlock()
			}
		}
	})
}

func (t *terminal) Note(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.step == "" {
		fmt.Fprintln(t.out, text)
		return
	}
	t.note = text
	t.draw()
}

func (t *terminal) Downloaded(done, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note = share(done, total) // the ticker draws it: a fast network would draw thousands of lines
}

func (t *terminal) Finished(step, result string, took time.Duration, size int64) {
	t.close(green, "ok", step, Outcome(result, took, size))
}

func (t *terminal) Failed(step string, took time.Duration) {
	t.close(red, "!!", step, "failed after "+FormatDuration(took))
}

// close ends the changing line with one that stays, cut like those before it.
func (t *terminal) close(colour, sign, step, outcome string) {
	columns := t.width() - 1
	step = fit(step, columns-len(sign)-1)
	line := t.paint(colour, sign) + " " + step
	if left := columns - len(sign) - 1 - utf8.RuneCountInString(step); left > 2 {
		line += t.paint(dim, fit("  "+outcome, left))
	}
	t.mu.Lock()
	if t.stop != nil {
		close(t.stop)
		t.stop = nil
	}
	t.step, t.drawn = "", ""
	fmt.Fprint(t.out, clearLine, line, "\n")
	t.mu.Unlock()
	t.gone.Wait()
}

// draw writes the running step over the line. The caller holds mu.
func (t *terminal) draw() {
	if t.step == "" {
		return
	}
	line := ".. " + t.step
	if d := time.Since(t.since); d >= time.Second {
		line += "  " + FormatDuration(d.Truncate(time.Second))
	}
	if t.note != "" {
		line += "  " + firstLine(t.note)
	}
	// A line that wraps could not be cleared again.
	if line = fit(line, t.width()-1); line != t.drawn {
		fmt.Fprint(t.out, clearLine, line)
		t.drawn = line
	}
}

func (t *terminal) paint(colour, text string) string {
	if !t.colour {
		return text
	}
	return colour + text + reset
}

// fit cuts a line to a number of columns, taking one for each character.
func fit(line string, columns int) string {
	if columns < 1 || utf8.RuneCountInString(line) <= columns {
		return line
	}
	return strings.TrimRight(string([]rune(line)[:columns-1]), " ") + "…"
}
