package gate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheWordsOfAQueryAreCounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                           0,
		"{a}":                        3,
		"query Q($a: Int!) { b }":    12,
		"{ a,b , c\n# d e f\n }":     5,
		"{ a # to the end":           2,
		`{a(b: "c d \" } e", f: 1)}`: 11,
		`{a(b: """c "d" \""" e""")}`: 8,
		`""""""`:                     1,
		`"" a`:                       2,
		"\"broken\na b":              3,
		`"""without end a b c`:       1,
		"...F ... on T":              9,
		"{ä}":                        4,
		"a:b c:d":                    6,
	} {
		if got := tokens(text); got != want {
			t.Errorf("%q has %d, want %d", text, got, want)
		}
	}
}

// FuzzTheWordsOfAQueryAreCounted: no text breaks the count or has more words than characters, and what comes on a line of
// its own after names and signs is counted too.
func FuzzTheWordsOfAQueryAreCounted(f *testing.F) {
	for _, seed := range []string{"", "{a}", `{a(b: "c d \" } e", f: 1)}`, `"""\"""`, `\"""`, `"""`, `"\`, "# a", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := tokens(text)
		if n < 0 || n > len(text) {
			t.Fatalf("%q has %d", text, n)
		}
		if !strings.Contains(text, `"""`) && tokens(text+"\na b") != n+2 {
			t.Fatalf("%q has %d, and %d with two more", text, n, tokens(text+"\na b"))
		}
	})
}

func TestAQueryThatAsksForTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		if req.Body == nil {
			return response(200, ""), nil
		}
		body, err := io.ReadAll(req.Body)
		if err != nil || int64(len(body)) != req.ContentLength {
			t.Errorf("%d bytes of %d came: %v", len(body), req.ContentLength, err)
		}
		return response(200, string(body)), nil
	}
	fields := func(n int) string { return "{" + strings.Repeat("a ", n-2) + "}" }
	query := func(text string) string { return fmt.Sprintf(`{"query": %q}`, text) }
	for _, c := range []struct {
		why, body string
		status    int
	}{
		{"as much as may be", query(fields(maxGraphQLWords)), 200},
		{"one more", query(fields(maxGraphQLWords + 1)), 400},
		{"what nobody uses", query("{a} fragment F on T " + fields(maxGraphQLWords)), 400},
		{"aliases", query("{" + strings.Repeat(`a:test(inputString:"x"){output}`, 50) + "}"), 400},
		{"the last of two queries", `{"query": "{a}", "query": "` + fields(maxGraphQLWords+1) + `"}`, 400},
		{"a name that is written otherwise", `{"qu\u0065ry": "` + fields(maxGraphQLWords+1) + `"}`, 400},
		{"another name", `{"Query": "` + fields(maxGraphQLWords+1) + `"}`, 200},
		{"a long text that asks for little", query(`{a(b:"` + strings.Repeat("x", 100_000) + `")}`), 200},
		{"a longer one", query(`{a(b:"` + strings.Repeat("x", maxGraphQLBody) + `")}`), 413},
		{"no JSON", "{a}", 400},
		{"a list", "[" + query("{a}") + "]", 400},
		{"UTF-16", "\xff\xfe{\x00}\x00", 400},
		{"nothing", "", 200},
		{"no text", `{"query": 1}`, 200},
	} {
		if got := r.post(t, "/graphql", c.body); got != c.status {
			t.Errorf("%s: %d, want %d", c.why, got, c.status)
		}
	}
	if got := r.post(t, "/api/2.0/mlflow/runs/search", query(fields(maxGraphQLWords+1))); got != 200 {
		t.Errorf("another route: %d", got)
	}
}

func TestOneUsersQueriesWaitForEachOther(t *testing.T) {
	t.Parallel()
	r := start(t)
	release := make(chan struct{})
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		<-release
		return response(200, "{}"), nil
	}
	var group sync.WaitGroup
	defer group.Wait()
	open := sync.OnceFunc(func() { close(release) })
	defer open()
	var mu sync.Mutex
	answers := map[int]int{}
	for range 3 * graphQLPerUser {
		group.Go(func() {
			status := r.post(t, "/graphql", `{"query": "{a}"}`)
			mu.Lock()
			defer mu.Unlock()
			answers[status]++
		})
	}
	await(t, func() bool { return len(r.mlflow.reached()) == graphQLPerUser })
	group.Go(func() { r.send(t, "POST", "/graphql", basic("vic", vicsPassword)) })
	await(t, func() bool { return len(r.mlflow.reached()) == graphQLPerUser+1 })
	group.Go(func() { r.send(t, "GET", "/version", signedIn) })
	await(t, func() bool { return len(r.mlflow.reached()) == graphQLPerUser+2 })
	time.Sleep(100 * time.Millisecond) // for one that should not come
	if n := len(r.mlflow.reached()); n != graphQLPerUser+2 {
		t.Errorf("%d requests reached MLflow at once", n)
	}
	open()
	group.Wait()
	if answers[200] != 3*graphQLPerUser {
		t.Errorf("the answers are %v", answers)
	}
}

func TestATurnIsWaitedForInOrderAndNotForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		leave, err := turns.take(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		waiting, cancel := context.WithTimeout(t.Context(), graphQLWait)
		defer cancel()
		if _, err := turns.take(waiting, "ann"); err == nil {
			t.Error("two have the one place")
		}
		leave()
		if leave, err = turns.take(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		leave()
		if len(turns.byUser) != 0 {
			t.Error("a user without requests takes room")
		}
	})
}
