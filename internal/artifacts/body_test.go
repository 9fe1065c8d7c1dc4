package artifacts

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// MLflow's client repeats 408, and no 400.
func TestAnUploadThatStandsStillIsToBeSentAgain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := newBody(w, r, func(int64) error { return nil })
		b.stalled = 50 * time.Millisecond
		_, err := io.Copy(io.Discard, b)
		fail(w, r, true, err)
	}))
	defer server.Close()
	body, write := io.Pipe()
	defer write.Close()
	go func() { _, _ = io.WriteString(write, "the beginning") }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "TEMPORARILY_UNAVAILABLE") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
}
