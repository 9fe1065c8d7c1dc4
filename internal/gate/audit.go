package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Audit writes one JSON line for each request that changes something, or was refused when it tried to. It is safe for
// concurrent use.
type Audit struct {
	mu   sync.Mutex
	out  io.Writer
	path string // of the file; empty for a stream
	torn bool   // the last line was written in part
	lost int    // lines that could not be written since one could
}

// NewAudit writes to a stream.
func NewAudit(out io.Writer) *Audit { return &Audit{out: out} }

// OpenAudit appends to a file, which only its owner may read.
func OpenAudit(path string) (*Audit, error) {
	a := &Audit{path: path}
	return a, a.Reopen()
}

// Reopen opens the file by its name again, for programs that rename it once a day. A stream is left alone.
func (a *Audit) Reopen() error {
	if a == nil || a.path == "" {
		return nil
	}
	file, err := os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the audit log: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if before, ok := a.out.(*os.File); ok {
		_ = before.Close()
	}
	a.out = file
	return nil
}

// Close closes the file; a stream is left alone.
func (a *Audit) Close() error {
	if a == nil || a.path == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.out.(*os.File).Close()
}

// change is one line. The path is the route without the query, which can carry secrets.
type change struct {
	Time       string `json:"time"`
	User       string `json:"user"`
	Via        string `json:"via"`
	Address    string `json:"address"`
	Method     string `json:"method"`
	Class      string `json:"class"`
	Path       string `json:"path"`
	Run        string `json:"run_id,omitempty"`
	Experiment string `json:"experiment_id,omitempty"`
	Status     int    `json:"status"`
	Bytes      int64  `json:"bytes"` // of the body that were read
	Millis     int64  `json:"ms"`
	Request    string `json:"request_id"`
}

// write appends a line. It says in the server's own log when that begins to fail, and when it works again: who relies on
// the record has to know of a gap.
func (a *Audit) write(c change, log *slog.Logger) {
	line, err := json.Marshal(c)
	if err != nil {
		return // strings and numbers: cannot be
	}
	line = append(line, '\n')
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := a.out.Write(line)
	if n > 0 {
		a.torn = n < len(line)
	}
	switch {
	case err != nil && a.lost == 0:
		a.lost++
		log.Error("the audit log cannot be written, changes go unrecorded", "path", a.path, "error", err)
	case err != nil:
		a.lost++
	case a.lost > 0:
		log.Warn("the audit log can be written again", "path", a.path, "lost", a.lost)
		a.lost = 0
	}
}

// recordChanges writes to the audit log what is not plainly reading, of those who are known once it is answered: users,
// who signs in, and whoever comes from another origin, where a browser may have brought a login along. It comes before
// all that refuses them.
func recordChanges(audit *Audit, log *slog.Logger, next http.Handler) http.Handler {
	if audit == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := about(r)
		if a.to.reading(r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		start := time.Now()
		body := &recordedBody{}
		if r.ContentLength != 0 {
			body.ReadCloser = r.Body
			if hasIDs(r) {
				body.keep = headSize
			}
			r.Body = body
		}
		answer := &recorder{ResponseWriter: w}
		defer func() {
			// The gate's own pages are told apart from what it does not know on the way.
			if a.user == "" && !a.foreign || a.to.reading(r.Method) {
				return
			}
			c := change{
				Time: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), User: a.user, Via: a.via, Address: a.client,
				Method: r.Method, Class: a.to.name, Path: r.URL.Path, Status: answer.result(),
				Millis: time.Since(start).Milliseconds(), Request: a.id,
			}
			head, size := body.seen()
			c.Run, c.Experiment = subject(a.to, r.URL, head)
			c.Bytes = size
			audit.write(c, log)
		}()
		next.ServeHTTP(answer, r)
	})
}

// hasIDs says whether a body may name a run or an experiment: no file does, and no form with a password in it.
func hasIDs(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, ownPrefix) && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream")
}

// recordedBody counts a body that somebody else reads, and keeps its beginning.
type recordedBody struct {
	io.ReadCloser
	keep int // how much of it, in bytes

	mu   sync.Mutex // a transport may still read when the answer is there
	head []byte
	size int64
}

// headSize is how much of a body is looked at for ids, in bytes; MLflow's client sends them first or nearly so.
const headSize = 1 << 10

func (b *recordedBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	b.mu.Lock()
	b.size += int64(n)
	if room := b.keep - len(b.head); room > 0 {
		b.head = append(b.head, into[:min(n, room)]...)
	}
	b.mu.Unlock()
	return n, err
}

func (b *recordedBody) seen() (head []byte, size int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head, b.size
}

var idInBody = regexp.MustCompile(`"(run_id|run_uuid|experiment_id)"\s*:\s*"([A-Za-z0-9_-]{1,64})"`)

// subject is the run and the experiment that a request is about, where that is cheap to see: in the query, at the
// beginning of the body, or in the path of an artifact (<experiment>/<run>/artifacts/…).
func subject(to route, u *url.URL, body []byte) (run, experiment string) {
	if to.name == artifactProxy.name {
		if parts := strings.SplitN(to.rest, "/", 5); len(parts) > 3 && parts[0] == "artifacts" && parts[3] == "artifacts" {
			return parts[2], parts[1]
		}
	}
	if u.RawQuery != "" {
		query := u.Query()
		run, experiment = query.Get("run_id"), query.Get("experiment_id")
		if run == "" {
			run = query.Get("run_uuid")
		}
		if len(run) > 64 || len(experiment) > 64 {
			run, experiment = "", ""
		}
	}
	for _, found := range idInBody.FindAllSubmatch(body, 4) {
		if value := string(found[2]); string(found[1]) == "experiment_id" {
			experiment = value
		} else {
			run = value
		}
	}
	return run, experiment
}
