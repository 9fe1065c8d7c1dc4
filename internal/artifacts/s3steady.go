package artifacts

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

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
