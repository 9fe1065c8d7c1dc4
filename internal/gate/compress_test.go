package gate

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

var longJSON = `{"experiments": [` + strings.Repeat(`{"name": "one of many"},`, 500) + `{}]}`

func TestAnswersAreCompressedWhereThatPays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		method     string
		accept     string
		headers    map[string]string
		body       string
		compressed bool
	}{
		{name: "long JSON", accept: "gzip, deflate, br", headers: map[string]string{"Content-Type": "application/json"}, body: longJSON, compressed: true},
		{name: "long text", accept: "br;q=1.0, gzip;q=0.8", headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, body: longJSON, compressed: true},
		{name: "JSON of a kind", accept: "gzip", headers: map[string]string{"Content-Type": "application/problem+json"}, body: longJSON, compressed: true},
		{name: "a long error", accept: "gzip", headers: map[string]string{"Content-Type": "application/json", ":status": "400"}, body: longJSON, compressed: true},
		{name: "who takes no gzip", accept: "br", headers: map[string]string{"Content-Type": "application/json"}, body: longJSON},
		{name: "who refuses gzip", accept: "gzip;q=0, br", headers: map[string]string{"Content-Type": "application/json"}, body: longJSON},
		{name: "who says nothing", accept: "identity", headers: map[string]string{"Content-Type": "application/json"}, body: longJSON},
		{name: "short JSON", accept: "gzip", headers: map[string]string{"Content-Type": "application/json"}, body: `{"run": {}}`},
		{name: "HEAD", method: "HEAD", accept: "gzip", headers: map[string]string{"Content-Type": "application/json"}},
		{name: "a picture", accept: "gzip", headers: map[string]string{"Content-Type": "image/png"}, body: longJSON},
		{name: "an unknown type", accept: "gzip", body: longJSON},
		{name: "what streams", accept: "gzip", headers: map[string]string{"Content-Type": "application/json", ":length": "-1"}, body: longJSON},
		{name: "events", accept: "gzip", headers: map[string]string{"Content-Type": "text/event-stream"}, body: longJSON},
		{name: "what is compressed", accept: "gzip", headers: map[string]string{"Content-Type": "application/json", "Content-Encoding": "br"}, body: longJSON},
		{name: "a file with a tag", accept: "gzip", headers: map[string]string{"Content-Type": "text/plain", "Etag": `"1"`}, body: longJSON},
		{name: "a file in parts", accept: "gzip", headers: map[string]string{"Content-Type": "text/plain", "Accept-Ranges": "bytes"}, body: longJSON},
		{name: "an attachment", accept: "gzip", headers: map[string]string{"Content-Type": "application/json", "Content-Disposition": "attachment"}, body: longJSON},
		{name: "what must stay as it is", accept: "gzip", headers: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-transform"}, body: longJSON},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			r.mlflow.answer = func(*http.Request) (*http.Response, error) {
				answer := response(http.StatusOK, c.body)
				for name, value := range c.headers {
					switch name {
					case ":status":
						answer.StatusCode, _ = strconv.Atoi(value)
					case ":length":
						answer.ContentLength = -1
					default:
						answer.Header.Set(name, value)
					}
				}
				if answer.ContentLength >= 0 && c.method != "HEAD" {
					answer.Header.Set("Content-Length", strconv.Itoa(len(c.body)))
				}
				return answer, nil
			}
			if c.method == "" {
				c.method = "GET"
			}
			got := r.send(t, c.method, "/api/2.0/mlflow/experiments/get", basic("ann", annsPassword), "Accept-Encoding: "+c.accept)
			if compressed := got.Header.Get("Content-Encoding") == "gzip"; compressed != c.compressed {
				t.Fatalf("compressed: %v, with %v", compressed, got.Header)
			}
			if !c.compressed {
				if body := text(t, got); body != c.body {
					t.Errorf("the answer is %d bytes instead of %d", len(body), len(c.body))
				}
				return
			}
			small := text(t, got)
			unzipped, err := gzip.NewReader(strings.NewReader(small))
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(unzipped); err != nil || string(body) != c.body {
				t.Errorf("the answer is %d bytes, %v", len(body), err)
			}
			if len(small)*5 > len(c.body) || !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%d of %d bytes, %v", len(small), len(c.body), got.Header)
			}
		})
	}
}

// breaking is a body that ends with an error.
type breaking struct{ io.Reader }

func (b breaking) Read(into []byte) (int, error) {
	n, err := b.Reader.Read(into)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
func (breaking) Close() error { return nil }

func TestACompressedAnswerThatBreaksOffDoesNotLookComplete(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.mlflow.answer = func(*http.Request) (*http.Response, error) {
		answer := response(http.StatusOK, "")
		answer.Header.Set("Content-Type", "application/json")
		answer.Header.Set("Content-Length", "100000")
		answer.ContentLength = 100000
		answer.Body = breaking{strings.NewReader(longJSON)}
		return answer, nil
	}
	request, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+"/api/2.0/mlflow/experiments/get", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("ann", annsPassword)
	request.Header.Set("Accept-Encoding", "gzip")
	got, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return // broken off before its headers: as good
	}
	defer got.Body.Close()
	if body, err := io.ReadAll(got.Body); err == nil {
		t.Errorf("%d bytes came and no error", len(body))
	}
}

func TestWhatComesOnTopOfTheCompressionsAtOnceIsSentAsItIs(t *testing.T) {
	t.Parallel()
	places := make(chan struct{}, 1)
	headers := func() http.Header {
		return http.Header{"Content-Type": {"application/json"}, "Content-Length": {"5000"}}
	}
	first := &compressor{ResponseWriter: &discarding{headers()}, places: places}
	second := &compressor{ResponseWriter: &discarding{headers()}, places: places}
	first.WriteHeader(http.StatusOK)
	second.WriteHeader(http.StatusOK)
	if first.zip == nil || second.zip != nil || second.Header().Get("Content-Length") != "5000" {
		t.Errorf("the second answer has %v", second.Header())
	}
	first.leave()
	second.leave()
	if len(places) != 0 {
		t.Error("a place is taken for ever")
	}
}

type discarding struct{ header http.Header }

func (d *discarding) Header() http.Header         { return d.header }
func (d *discarding) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarding) WriteHeader(int)             {}
