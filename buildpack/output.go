package buildpack

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"mlflow-server/internal/provision"
)

// output writes a build's log the way Heroku's own buildpacks do: an arrow for each step, seven spaces for detail.
// Nothing that is secret gets through. It is the Progress of an installation too.
type output struct {
	mu   sync.Mutex
	to   io.Writer
	hide *strings.Replacer
	last time.Time // of the last line about a running download
}

// downloadEvery is the time between two lines about one download.
const downloadEvery = 10 * time.Second

func newOutput(to io.Writer, settings Settings) *output {
	var pairs []string
	for _, secret := range settings.secrets() {
		pairs = append(pairs, secret, "[hidden]")
	}
	return &output{to: to, hide: strings.NewReplacer(pairs...)}
}

// Started opens a step.
func (o *output) Started(step string) {
	o.last = time.Now()
	o.print("-----> ", step)
}

// Note is a line of detail. What uv tells of single files is left out: it comes in any order and fills pages.
func (o *output) Note(text string) {
	for _, noise := range []string{"Downloading ", "Downloaded ", "Extracting ", "Extracted ", "Prepared ", "Installed Python ", "+ "} {
		if strings.HasPrefix(strings.TrimSpace(text), noise) {
			return
		}
	}
	o.print("       ", text)
}

// Downloaded says now and then how far a download is.
func (o *output) Downloaded(done, total int64) {
	if time.Since(o.last) < downloadEvery {
		return
	}
	o.last = time.Now()
	if total > 0 {
		o.Note(provision.FormatSize(done) + " of " + provision.FormatSize(total))
	} else {
		o.Note(provision.FormatSize(done))
	}
}

// Finished closes a step.
func (o *output) Finished(_, result string, took time.Duration, size int64) {
	o.Note(provision.Outcome(result, took, size))
}

// Failed closes a step; why is said once, at the end of the log.
func (o *output) Failed(_ string, took time.Duration) {
	o.Note("failed after " + provision.FormatDuration(took))
}

// done is a whole step that is over.
func (o *output) done(step, result string, took time.Duration, size int64) {
	o.Started(step)
	o.Finished(step, result, took, size)
}

func (o *output) print(prefix, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range strings.Lines(o.clean(text)) {
		fmt.Fprintln(o.to, prefix+strings.TrimRight(line, "\n"))
	}
}

// login is the part of a URL that may hold a password; a requirements file can have one too.
var login = regexp.MustCompile(`(://)[^\s/?#"']*@`)

func (o *output) clean(text string) string {
	return o.hide.Replace(login.ReplaceAllString(text, "${1}[hidden]@"))
}

const (
	red   = "\x1b[1;31m"
	reset = "\x1b[0m"
)

// block writes a failure as the one red block that ends a log.
func (o *output) block(f *Failure, colour bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	on, off := "", ""
	if colour {
		on, off = red, reset
	}
	for i, line := range append([]string{f.Headline, ""}, f.Lines...) {
		if i > 0 && line == "" {
			fmt.Fprintf(o.to, "%s !%s\n", on, off)
			continue
		}
		for part := range strings.Lines(o.clean(line)) {
			fmt.Fprintf(o.to, "%s !     %s%s\n", on, strings.TrimRight(part, "\n"), off)
		}
	}
}
