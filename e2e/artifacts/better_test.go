package artifacts_test

import (
	"strings"
	"testing"
)

// better are the answers that are meant to differ from MLflow's. docs/artifacts.md lists the same ones.
var better = []struct {
	name  string
	where string // s3, directory or empty for both
	holds func(c call, mlflow, native answer) bool
}{
	{"a missing object is 404, not a 500 that clients repeat", "s3", func(c call, m, n answer) bool {
		return reading(c) && m.status == 500 && strings.Contains(m.body+c.method, "(404)") == (c.method == "GET") && n.status == 404
	}},
	{"a folder is 400, not downloaded to answer with nothing", "s3", func(c call, m, n answer) bool {
		return reading(c) && (m.status == 200 && m.body == "" || m.status == 500) && n.status == 400 && (c.method == "HEAD" || strings.Contains(n.body, "refers to a directory"))
	}},
	{"a download has a length, an ETag and ranges", "s3", func(c call, m, n answer) bool {
		return c.method == "GET" && m.status == 200 && n.status == 200 && m.body == n.body &&
			m.header.Get("Content-Length") == "" && n.header.Get("Content-Length") != "" && n.header.Get("Etag") != ""
	}},
	{"a range is kept", "s3", func(c call, m, n answer) bool {
		return c.headers["Range"] != "" && m.status == 200 && (n.status == 206 || n.status == 416 || n.status == 200 && n.body == m.body)
	}},
	{"a range that cannot be had is 416, several are framed as Go does it", "", func(c call, m, n answer) bool {
		r := c.headers["Range"]
		return r != "" && (n.status == 416 && (m.status == 416 || m.status == 400) || strings.Contains(r, ",") && m.status == 206 && n.status == 206)
	}},
	{"what cannot be stored under its name is 400, not a 500 that clients repeat", "", func(c call, m, n answer) bool {
		return c.method == "PUT" && (m.status == 500 || m.status == 502 || m.err != nil) && n.status == 400 && strings.Contains(n.body, "INVALID_PARAMETER_VALUE")
	}},
	{"a path that MLflow fails on is 400 or 404, or lists nothing", "", func(c call, m, n answer) bool {
		return m.status == 500 && !strings.Contains(c.path, "/mpu/") && (n.status == 400 || n.status == 404 || n.status == 200 && n.body == "{}")
	}},
	{"a path with a scheme, or that Python's versions read differently, is refused", "", func(c call, m, n answer) bool {
		return n.status == 400 && (strings.Contains(c.path, "%3A") || strings.Contains(c.path, "%5C%5C"))
	}},
	{"an upload id that does not exist is 404 in JSON, not a page of HTML", "s3", func(c call, m, n answer) bool {
		return strings.Contains(c.path, "/mpu/") && m.status == 500 && n.status == 404 && strings.Contains(n.body, "RESOURCE_DOES_NOT_EXIST")
	}},
	{"everything at once cannot be deleted", "", func(c call, m, n answer) bool {
		return c.method == "DELETE" && strings.HasSuffix(c.path, "artifacts/.") && m.status == 200 && n.status == 400
	}},
	{"a condition is kept", "", func(c call, m, n answer) bool {
		return (c.headers["If-None-Match"] != "" && n.status == 304 || c.headers["If-Match"] != "" && n.status == 412) && m.status == 200
	}},
	{"a path with more than one reading is refused before anybody reads it", "", func(c call, m, n answer) bool {
		return ambiguous(c.path) && n.status == 400 && (c.method == "HEAD" || strings.Contains(n.body, "This server answers requests for plain paths"))
	}},
}

func reading(c call) bool { return c.method == "GET" || c.method == "HEAD" }

// judge finds out whether two answers are equal, or differ in a way that is meant.
func judge(kind string, c call, m, n answer) (row string, equal bool) {
	if same(c, m, n) {
		return "", true
	}
	for _, b := range better {
		if (b.where == "" || b.where == kind) && b.holds(c, m, n) {
			return b.name, false
		}
	}
	return "", false
}

// passing are the headers whose values belong to a moment or a server. unlike are those that MLflow sends on some of
// its routes only, depending on which of its frameworks answers.
var (
	passing = []string{"Date", "X-Request-Id", "Etag", "Last-Modified", "Allow"}
	unlike  = []string{"Vary"}
	// gates are those that the gate puts on every answer.
	gates = []string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Request-Id"}
)

func same(c call, m, n answer) bool {
	if m.err != nil || n.err != nil || m.status != n.status || m.body != n.body {
		return false
	}
	for name := range union(m.header, n.header) {
		if name == "Content-Length" && strings.Contains(m.body, "x-amz-algorithm") {
			continue // one library writes a parameter more into a signed URL
		}
		if contains(unlike, name) || contains(gates, name) && m.header.Get(name) == "" {
			continue
		}
		if contains(passing, name) {
			if (m.header.Get(name) == "") != (n.header.Get(name) == "") {
				return false
			}
			continue
		}
		if m.header.Get(name) != n.header.Get(name) {
			return false
		}
	}
	return true
}

func union(a, b map[string][]string) map[string]bool {
	all := map[string]bool{}
	for name := range a {
		all[name] = true
	}
	for name := range b {
		all[name] = true
	}
	return all
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func TestTheTableOfBetterAnswersNamesEachOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range better {
		if seen[b.name] {
			t.Errorf("%s is there twice", b.name)
		}
		seen[b.name] = true
	}
}
