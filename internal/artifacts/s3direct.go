package artifacts

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// partURL is how long URLs for parts are good for, as in MLflow (s3_artifact_repo.py).
const partURL = time.Hour

// presignGet implements direct. The store is asked for the object first: a URL of nothing helps nobody.
func (s *s3Store) presignGet(ctx context.Context, name string) (url string, size int64, err error) {
	key := s.key(name)
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket.Name, Key: &key, ExpectedBucketOwner: s.owner})
	if err != nil {
		return "", 0, s.failure(err, "looking up "+key)
	}
	signed, err := s.presign.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &s.bucket.Name, Key: &key, ExpectedBucketOwner: s.owner,
		// Saved under its name, not shown: the store's origin may be somebody's website.
		ResponseContentDisposition: aws.String(savedAs(lastSegment(key))),
	}, s3.WithPresignExpires(s.downloadURL))
	if err != nil {
		return "", 0, s.failure(err, "signing a URL")
	}
	return signed.URL, aws.ToInt64(head.ContentLength), nil
}

// savedAs is the Content-Disposition that MLflow asks S3 for (_attachment_content_disposition): quoted, or encoded only.
func savedAs(name string) string {
	if !isASCII(name) || strings.ContainsFunc(name, isControl) {
		return "attachment; filename*=UTF-8''" + percentEncode(name, "/")
	}
	return `attachment; filename="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// createUpload implements direct.
func (s *s3Store) createUpload(ctx context.Context, name string, parts int) (id string, urls []string, err error) {
	key := s.key(name)
	input := s.createInput(key, path.Base(key))
	input.ChecksumAlgorithm = "" // the client sends none
	// Not to be interrupted: the store would have begun an upload whose id nobody knows.
	begin, cancel := context.WithTimeout(context.WithoutCancel(ctx), beginTime)
	defer cancel()
	created, err := s.client.CreateMultipartUpload(begin, input)
	if err != nil {
		return "", nil, s.failure(err, "beginning the upload of "+key)
	}
	id = aws.ToString(created.UploadId)
	if urls, err = s.signParts(ctx, key, id, parts); err != nil {
		s.discard(ctx, key, id, s.journal.add(unfinished{Bucket: s.bucket.Name, Key: key, ID: id}))
		return "", nil, err
	}
	return id, urls, nil
}

// signParts makes the URLs to which a client sends the parts of an upload.
func (s *s3Store) signParts(ctx context.Context, key, id string, parts int) (urls []string, err error) {
	for number := int32(1); int(number) <= parts; number++ {
		signed, err := s.presign.PresignUploadPart(ctx, &s3.UploadPartInput{
			Bucket: &s.bucket.Name, Key: &key, UploadId: &id, PartNumber: &number, ExpectedBucketOwner: s.owner,
		}, s3.WithPresignExpires(partURL))
		if err != nil {
			return nil, s.failure(err, "signing a URL")
		}
		urls = append(urls, signed.URL)
	}
	if ctx.Err() != nil {
		return nil, interrupted(ctx) // nobody is there to use them
	}
	return urls, nil
}

// uploadedPart is a part that a client has sent to the store.
type uploadedPart struct {
	number int32
	etag   string
}

// completeUpload implements direct. allow is asked with the size; an upload that it refuses is discarded. One that has
// been completed before, so that a client repeats what it had no answer to, is counted no more.
func (s *s3Store) completeUpload(ctx context.Context, name, id string, parts []uploadedPart, allow func(size int64) error) (int64, error) {
	key := s.key(name)
	var completed []types.CompletedPart
	for _, p := range parts {
		completed = append(completed, types.CompletedPart{PartNumber: aws.Int32(p.number), ETag: aws.String(p.etag)})
	}
	size, err := s.uploaded(ctx, key, id)
	if isGone(err) && s.consistsOf(ctx, key, completed) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if err := allow(size); err != nil {
		if aborted := s.abortUntilGone(ctx, key, id); aborted != nil {
			s.log.Warn("an upload that was refused is left in the store", "key", key, "error", aborted)
		}
		return size, err
	}
	return size, s.failure(s.finish(ctx, key, id, completed), "completing the upload of "+key)
}

// uploaded is how many bytes an upload has so far.
func (s *s3Store) uploaded(ctx context.Context, key, id string) (size int64, err error) {
	pages := s3.NewListPartsPaginator(s.client, &s3.ListPartsInput{Bucket: &s.bucket.Name, Key: &key, UploadId: &id, ExpectedBucketOwner: s.owner})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, s.failure(err, "looking at the upload of "+key)
		}
		for _, p := range page.Parts {
			size += aws.ToInt64(p.Size)
		}
	}
	return size, nil
}

// abortUpload implements direct.
func (s *s3Store) abortUpload(ctx context.Context, name, id string) error {
	key := s.key(name)
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &s.bucket.Name, Key: &key, UploadId: &id, ExpectedBucketOwner: s.owner})
	return s.failure(err, "aborting the upload of "+key)
}
