package artifacts

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// mostRanges is how many ranges of a file are sent in one answer; each is a request to the store.
const mostRanges = 8

// conditional headers make an answer depend on what is there, so that this has to be asked first.
var conditional = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// serve implements store. The plain download, by far the most frequent one, is one request to S3.
func (s *s3Store) serve(w http.ResponseWriter, r *http.Request, path string) error {
	key := s.key(path)
	if r.Method == http.MethodGet {
		plain := true
		for _, name := range conditional {
			plain = plain && r.Header.Get(name) == ""
		}
		if plain {
			return s.serveWhole(w, r, key)
		}
	}
	head, err := s.client.HeadObject(r.Context(), &s3.HeadObjectInput{Bucket: &s.bucket.Name, Key: &key, ExpectedBucketOwner: s.owner})
	if err != nil {
		return s.missing(r.Context(), key, s.failure(err, "looking up "+key))
	}
	if head.ContentLength == nil {
		return s.serveUnmeasured(w, r, key, head)
	}
	object := &object{store: s, ctx: r.Context(), key: key, etag: aws.ToString(head.ETag), size: *head.ContentLength}
	if isFolderMarker(key, object.size) {
		return errFolder
	}
	w.Header().Set("Etag", object.etag)
	if strings.Count(r.Header.Get("Range"), ",") >= mostRanges {
		r.Header.Del("Range")
	}
	reader := &seeker{object: object}
	defer reader.close()
	http.ServeContent(w, r, "", aws.ToTime(head.LastModified), reader)
	return nil
}

// missing tells a folder from nothing when there is no object under a key.
func (s *s3Store) missing(ctx context.Context, key string, err error) error {
	if !errors.Is(err, errMissing) {
		return err
	}
	prefix := strings.TrimRight(key, "/")
	if prefix != "" {
		prefix += "/"
	}
	found, listErr := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &prefix, MaxKeys: aws.Int32(1), ExpectedBucketOwner: s.owner})
	if listErr != nil {
		return s.failure(listErr, "listing "+prefix)
	}
	if len(found.Contents) > 0 || strings.Trim(key, "/") == strings.Trim(s.bucket.Prefix, "/") {
		return errFolder
	}
	return errMissing
}

// isFolderMarker says whether an object is what some tools put in the place of an empty folder.
func isFolderMarker(key string, size int64) bool { return size == 0 && strings.HasSuffix(key, "/") }

// serveWhole sends an object from its beginning to its end.
func (s *s3Store) serveWhole(w http.ResponseWriter, r *http.Request, key string) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	found, err := s.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &s.bucket.Name, Key: &key, ExpectedBucketOwner: s.owner, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return s.missing(r.Context(), key, s.failure(err, "reading "+key))
	}
	if found.ContentLength == nil {
		return s.relayUnmeasured(w, found)
	}
	object := &object{store: s, ctx: r.Context(), key: key, etag: aws.ToString(found.ETag), size: *found.ContentLength}
	if isFolderMarker(key, object.size) {
		_ = found.Body.Close()
		return errFolder
	}
	h := w.Header()
	h.Set("Accept-Ranges", "bytes")
	h.Set("Etag", object.etag)
	h.Set("Content-Length", strconv.FormatInt(object.size, 10))
	if found.LastModified != nil {
		h.Set("Last-Modified", found.LastModified.UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(http.StatusOK)
	source := &steady{object: object, body: found.Body, end: object.size}
	defer source.close()
	if err := relay(w, source, object.size); err != nil {
		// Less than the announced length: the server closes the connection, and the client sees that something is missing.
		return errors.Join(errAnswered, err)
	}
	return nil
}

// relay copies size bytes. The last piece is held back until the source has said that all is well, which it can only
// do at its end: a client must not take a damaged file for a whole one.
func relay(w http.ResponseWriter, source *steady, size int64) error {
	control := http.NewResponseController(w)
	defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	scratch := scratches.get()
	defer scratches.put(scratch)
	started, measured := time.Now(), false
	for at := int64(0); at < size; {
		n, err := source.Read(scratch[:min(size-at, scratchSize)])
		if at += int64(n); at == size {
			if err == nil {
				_, err = source.Read(make([]byte, 1))
			}
			if err != io.EOF {
				return err
			}
		} else if err != nil {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(stalled))
		if _, err := w.Write(scratch[:n]); err != nil {
			return err
		}
		if !measured && at >= measureBytes {
			measured = true
			if size-at >= worthwhile && source.waited > time.Since(started)*7/10 { // the store is what is slow
				source.close()
				return fetchAhead(w, control, source.object, at)
			}
		}
	}
	return nil
}

// object is one version of a file in the bucket.
type object struct {
	store *s3Store
	ctx   context.Context
	key   string
	etag  string
	size  int64
}

// open reads the bytes from at to before end, of this version and no other.
func (o *object) open(ctx context.Context, at, end int64) (io.ReadCloser, error) {
	input := &s3.GetObjectInput{Bucket: &o.store.bucket.Name, Key: &o.key, ExpectedBucketOwner: o.store.owner,
		Range: aws.String("bytes=" + strconv.FormatInt(at, 10) + "-" + strconv.FormatInt(end-1, 10))}
	if o.etag != "" {
		input.IfMatch = &o.etag
	}
	found, err := o.store.client.GetObject(ctx, input)
	if err != nil {
		return nil, o.store.failure(err, "reading "+o.key)
	}
	return found.Body, nil
}

// steady reads a stretch of an object and goes on where it was when the store breaks off.
type steady struct {
	object  *object
	body    io.ReadCloser // nil: to be opened
	at, end int64
	retries int
	waited  time.Duration // for the store
}

const (
	mostResumes  = 5
	resumePause  = 200 * time.Millisecond
	storeStalled = 30 * time.Second
)

// readFrom reads from an answer of the store, which counts as broken off when nothing comes for a while.
func (s *s3Store) readFrom(body io.ReadCloser, p []byte) (int, error) {
	watch := time.AfterFunc(s.stalled, func() { _ = body.Close() })
	defer watch.Stop()
	return body.Read(p)
}

// Read implements io.Reader.
func (s *steady) Read(p []byte) (int, error) {
	for {
		if s.body == nil {
			if s.at >= s.end {
				return 0, io.EOF
			}
			body, err := s.object.open(s.object.ctx, s.at, s.end)
			if err != nil {
				if s.again(err) {
					continue
				}
				return 0, err
			}
			s.body = body
		}
		started := time.Now()
		n, err := s.object.store.readFrom(s.body, p)
		s.waited += time.Since(started)
		s.at += int64(n)
		switch {
		case err == nil:
			return n, nil
		case err == io.EOF && s.at >= s.end:
			return n, io.EOF
		case s.at >= s.end: // damaged, not broken off: the checksum does not fit
			return 0, s.object.store.failure(err, "checking "+s.object.key)
		}
		s.drop()
		if n > 0 {
			return n, nil
		}
		if !s.again(err) {
			return 0, s.object.store.failure(err, "reading "+s.object.key)
		}
	}
}

// again pauses before another attempt and says whether there is one.
func (s *steady) again(err error) bool {
	var f *failure
	if s.retries >= mostResumes || errors.Is(err, errMissing) || errors.As(err, &f) && !f.retry {
		return false
	}
	s.retries++
	select {
	case <-s.object.ctx.Done():
		return false
	case <-time.After(resumePause << (s.retries - 1)):
		return true
	}
}

func (s *steady) drop() {
	if s.body != nil {
		_ = s.body.Close()
		s.body = nil
	}
}

func (s *steady) close() { s.drop() }

// seeker lets http.ServeContent choose what to read.
type seeker struct {
	object *object
	at     int64
	source *steady
}

// Read implements io.Reader.
func (s *seeker) Read(p []byte) (int, error) {
	if s.source == nil {
		s.source = &steady{object: s.object, at: s.at, end: s.object.size}
	}
	n, err := s.source.Read(p)
	s.at += int64(n)
	return n, err
}

// Seek implements io.Seeker.
func (s *seeker) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.object.size
	}
	if offset != s.at {
		s.close()
	}
	s.at = offset
	return offset, nil
}

func (s *seeker) close() {
	if s.source != nil {
		s.source.close()
		s.source = nil
	}
}
