package gate

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends bytes to an address and returns the first line of the answer.
func raw(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Each side of a transfer sends its next word only when the other has seen the last: a body that is collected
// somewhere on the way ends in the deadline.
const streamDeadline = time.Minute

func TestAnUploadStreams(t *testing.T) {
	r := start(t)
	seen := make(chan string)
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		for words := bufio.NewScanner(req.Body); words.Scan(); {
			seen <- words.Text()
		}
		return response(http.StatusOK, ""), nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), streamDeadline)
	defer cancel()
	body, write := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, "PUT", r.URL+"/api/2.0/mlflow-artifacts/artifacts/x", body)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ann", "pässword: with colon")
	go func() {
		defer write.Close()
		for _, word := range []string{"one", "two", "three"} {
			_, _ = io.WriteString(write, word+"\n")
			select {
			case got := <-seen:
				if got != word {
					t.Errorf("MLflow got %q, want %q", got, word)
				}
			case <-ctx.Done():
				t.Errorf("%q did not reach MLflow while the upload was under way", word)
			}
		}
	}()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestADownloadStreams(t *testing.T) {
	r := start(t)
	out, in := io.Pipe()
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body, resp.ContentLength = out, -1
		return resp, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), streamDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", r.URL+"/static-files/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ann", "pässword: with colon")
	go func() { _, _ = io.WriteString(in, "one\n") }()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	words := bufio.NewReader(resp.Body)
	for _, next := range []string{"two\n", "three\n", ""} {
		if _, err := words.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(in, next) }()
	}
	in.Close()
}

func TestALargeBodyArrivesWhole(t *testing.T) {
	r := start(t)
	var received int64
	r.mlflow.answer = func(req *http.Request) (*http.Response, error) {
		n, err := io.Copy(io.Discard, req.Body)
		received = n
		return response(http.StatusOK, strings.Repeat("x", 3<<20)), err
	}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", r.URL+"/api/2.0/mlflow-artifacts/artifacts/x", strings.NewReader(strings.Repeat("y", 5<<20)))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ann", "pässword: with colon")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil || n != 3<<20 || received != 5<<20 {
		t.Fatalf("up %d, down %d, %v", received, n, err)
	}
}
