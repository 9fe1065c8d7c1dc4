package fasttrack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
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

// ordered is a runs/get with its lists in order.
func ordered(body string) string {
	var answer struct {
		Run struct {
			Info    json.RawMessage              `json:"info"`
			Data    map[string][]json.RawMessage `json:"data"`
			Inputs  json.RawMessage              `json:"inputs"`
			Outputs json.RawMessage              `json:"outputs"`
		} `json:"run"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil || answer.Run.Data == nil {
		return body
	}
	for _, list := range answer.Run.Data {
		slices.SortFunc(list, func(a, b json.RawMessage) int { return slices.Compare(a, b) })
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return string(text)
}

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
	if d := difference(want, got); d != "" {
		t.Errorf("%s %s %.600s (%d bytes) %v\nMLflow and the native path differ: %s", c.method, c.path, c.body, len(c.body), c.header, d)
		return want.Status, false
	}
	return want.Status, true
}
