package gate

import (
	"encoding/json"
	"fmt"
	"io"
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
	Request    string `json:"request_id"`
}

func (a *Audit) write(c change) {
	line, err := json.Marshal(c)
	if err != nil {
		return // strings and a number: cannot be
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, _ = a.out.Write(append(line, '\n'))
}

// recordChanges writes to the audit log what is not plainly reading.
func recordChanges(audit *Audit, next http.Handler) http.Handler {
	if audit == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := about(r)
		if a.to.reading(r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		head := &bodyHead{}
		if r.ContentLength != 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/octet-stream") {
			head.ReadCloser = r.Body
			r.Body = head
		}
		answer := &recorder{ResponseWriter: w}
		defer func() {
			c := change{
				Time: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), User: a.user, Via: a.via, Address: a.client,
				Method: r.Method, Class: a.to.name, Path: r.URL.Path, Status: answer.result(), Request: a.id,
			}
			c.Run, c.Experiment = subject(a.to, r.URL, head.seen())
			audit.write(c)
		}()
		next.ServeHTTP(answer, r)
	})
}

// bodyHead keeps the beginning of a body that somebody else reads.
type bodyHead struct {
	io.ReadCloser
	mu   sync.Mutex // a transport may still read when the answer is there
	kept []byte
}

// headSize is how much of a body is looked at for ids, in bytes; MLflow's client sends them first or nearly so.
const headSize = 1 << 10

func (b *bodyHead) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	b.mu.Lock()
	if room := headSize - len(b.kept); room > 0 {
		b.kept = append(b.kept, into[:min(n, room)]...)
	}
	b.mu.Unlock()
	return n, err
}

func (b *bodyHead) seen() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept
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
