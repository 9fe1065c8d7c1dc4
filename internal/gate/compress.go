package gate

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	// smallAnswer is the size from which an answer is compressed, in bytes: what fits into one packet arrives no sooner.
	smallAnswer = 1400
	// compressLevel takes 5 ms for a MB of JSON and leaves a tenth of it.
	compressLevel = 2
	// compressAtOnce bounds the memory of compression, which is half a MB each. What comes on top is sent as it is.
	compressAtOnce = 32
)

// compressAnswers compresses JSON and text on its way to whoever takes gzip. It leaves alone what is small, what streams
// (its length is not known, and the first byte must not wait for the second), what is compressed, and files: they have a
// tag or can be asked for in parts, which would be parts of something else.
func compressAnswers(next http.Handler) http.Handler {
	places := make(chan struct{}, compressAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !takesGzip(r.Header) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w, places: places}
		defer c.leave()
		next.ServeHTTP(c, r)
		c.end() // not when the handler panics: an answer that broke off must not look complete
	})
}

// takesGzip is for the header as clients write it. Who refuses gzip by a weight of 0 is not known to exist and is
// understood.
func takesGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			coding, weight, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				return !strings.HasPrefix(strings.ReplaceAll(weight, " ", ""), "q=0") || strings.ContainsAny(weight, "123456789")
			}
		}
	}
	return false
}

// compressible says of an answer's headers whether it is compressed for whoever takes that.
func compressible(status int, h http.Header) bool {
	length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil || length < smallAnswer || status < 200 || status == http.StatusPartialContent || status == http.StatusNotModified {
		return false
	}
	for _, name := range []string{"Content-Encoding", "Etag", "Accept-Ranges", "Content-Range", "Content-Disposition"} {
		if h.Get(name) != "" {
			return false
		}
	}
	return compressedType(h.Get("Content-Type")) && !strings.Contains(h.Get("Cache-Control"), "no-transform")
}

func compressedType(contents string) bool {
	kind, _, _ := strings.Cut(contents, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "application/json" || strings.HasSuffix(kind, "+json") ||
		strings.HasPrefix(kind, "text/") && kind != "text/event-stream"
}

// compressor decides when the headers of an answer are known.
type compressor struct {
	http.ResponseWriter
	places  chan struct{}
	zip     *gzip.Writer // nil for an answer that is sent as it is
	decided bool
}

var zips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, compressLevel)
	if err != nil {
		panic(err) // of a level that is none: a constant
	}
	return z
}}

func (c *compressor) WriteHeader(status int) {
	if status >= 200 && !c.decided { // 1xx are on the way to the answer
		c.decide(status)
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *compressor) decide(status int) {
	c.decided = true
	h := c.Header()
	if !compressible(status, h) {
		return
	}
	h.Add("Vary", "Accept-Encoding")
	select {
	case c.places <- struct{}{}:
	default:
		return
	}
	h.Del("Content-Length")
	h.Set("Content-Encoding", "gzip")
	c.zip = zips.Get().(*gzip.Writer)
	c.zip.Reset(c.ResponseWriter)
}

func (c *compressor) Write(b []byte) (int, error) {
	if !c.decided {
		c.decide(http.StatusOK)
	}
	if c.zip == nil {
		return c.ResponseWriter.Write(b)
	}
	return c.zip.Write(b)
}

// Unwrap lets http.ResponseController flush and set deadlines. An answer whose length is known is not flushed.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// end writes what is left of an answer.
func (c *compressor) end() {
	if c.zip != nil {
		_ = c.zip.Close() // an error is the client's, who has left
	}
}

// leave gives the place back, whatever happened.
func (c *compressor) leave() {
	if c.zip == nil {
		return
	}
	c.zip.Reset(nil)
	zips.Put(c.zip)
	<-c.places
}
