package fasttrack

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func number(n int) string { return strconv.Itoa(n) }

// ownHeaders differ between two answers to the same call.
var ownHeaders = []string{"Date", "X-Request-Id"}

// difference says how two answers differ; "" when they do not. The metrics, params and tags of a run are lists without an
// order: it is the one in which the database happens to find them.
func difference(plain, native harness.Answer) string {
	if plain.Status != native.Status {
		return fmt.Sprintf("status %d and %d", plain.Status, native.Status)
	}
	one, two := headers(plain.Header), headers(native.Header)
	if !reflect.DeepEqual(one, two) {
		return fmt.Sprintf("headers %v and %v", one, two)
	}
	for _, body := range []*string{&plain.Body, &native.Body} {
		*body = thisTime.ReplaceAllString(sets.ReplaceAllString(*body, "a set"), "now")
	}
	if plain.Body == native.Body {
		return ""
	}
	if a, b := ordered(plain.Body), ordered(native.Body); a != b || len(plain.Body) != len(native.Body) {
		return fmt.Sprintf("bodies %.1500s and %.1500s", plain.Body, native.Body)
	}
	return ""
}

func headers(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range ownHeaders {
		h.Del(name)
	}
	return h
}

// ordered is an answer with the lists of metrics, params and tags in order, and all else as it is.
func ordered(body string) string {
	lines := strings.Split(body, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		name := strings.TrimLeft(lines[i], " ")
		if name != `"metrics": [` && name != `"params": [` && name != `"tags": [` {
			continue
		}
		margin := strings.Repeat(" ", len(lines[i])-len(name))
		var elements []string
		for i++; i < len(lines) && strings.TrimSuffix(lines[i], ",") != margin+"]"; i++ {
			if lines[i] == margin+"  {" {
				elements = append(elements, "")
			}
			if len(elements) == 0 {
				return body
			}
			line := lines[i]
			if line == margin+"  }," {
				line = margin + "  }"
			}
			elements[len(elements)-1] += line + "\n"
		}
		slices.Sort(elements)
		out = append(out, elements...)
		if i < len(lines) {
			out = append(out, lines[i])
		}
	}
	return strings.Join(out, "\n")
}

// thisTime is a time at which an experiment was changed while the test ran, which is each side's own.
var thisTime = regexp.MustCompile(`"last_update_time": 1[89]\d{11}\b|"last_update_time": 17[5-9]\d{10}\b`)

// sets are sets in MLflow's errors, whose order is each process's own.
var sets = regexp.MustCompile(`Valid keys are '\{[^}]*\}'|'lifecycle_stage_1_\d': '\w+'`)

// madeRun is the id of a run that has just been made.
var madeRun = regexp.MustCompile(`"run_id": "([0-9a-f]{32})"`)

var (
	anyID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	// chosen is a name that MLflow gives to a run without one.
	chosen = regexp.MustCompile(`'name': '[a-z]+-[a-z]+-\d+'`)
)

// both sends a call to both sides at the same time and compares the answers.
func both(t *testing.T, plain, native *side, c call) (status int, ok bool) {
	t.Helper()
	var want harness.Answer
	var err error
	done := make(chan struct{})
	go func() { defer close(done); want, err = plain.try(t.Context(), c) }()
	got := native.send(t, c)
	if <-done; err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(c.path, "runs/create") {
		known(plain, &want)
		known(native, &got)
	}
	if d := difference(want, got); d != "" {
		t.Errorf("%s %s %.600s (%d bytes) %v\nMLflow and the native path differ: %s", c.method, c.path, c.body, len(c.body), c.header, d)
		return want.Status, false
	}
	return want.Status, true
}

// known gives the run that an answer tells of the next number. Errors of the database tell of runs that were not made.
func known(s *side, a *harness.Answer) {
	if found := madeRun.FindStringSubmatch(a.Body); found != nil {
		s.runs = append(s.runs, found[1])
	}
	a.Body = chosen.ReplaceAllString(anyID.ReplaceAllString(s.anybodys(a.Body), "{no run}"), "{no name}")
}
