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
