package artifacts

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// discard takes an unfinished upload out of the store, whatever has happened to the request. What fails here is done by
// the sweep of a later start.
func (s *s3Store) discard(ctx context.Context, key, id string, noted note) {
	limit := cleanupTime
	if errors.Is(context.Cause(ctx), errStopping) {
		limit = cleanupStopping
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := s.abortUntilGone(ctx, key, id); err != nil {
		s.log.Warn("an unfinished upload is left in the store", "key", key, "error", err)
		return
	}
	s.journal.remove(noted)
}

// abortUntilGone aborts an upload. A part that was on its way can arrive after the abort, so that S3 asks for it to be
// done again until nothing is listed.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
func (s *s3Store) abortUntilGone(ctx context.Context, key, id string) error {
	for {
		_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
			Bucket: &s.bucket.Name, Key: &key, UploadId: &id, ExpectedBucketOwner: s.owner})
		if err != nil {
			if isGone(err) {
				return nil
			}
			return fmt.Errorf("aborting the upload of %s: %w", key, err)
		}
		left, err := s.client.ListParts(ctx, &s3.ListPartsInput{
			Bucket: &s.bucket.Name, Key: &key, UploadId: &id, MaxParts: aws.Int32(1), ExpectedBucketOwner: s.owner})
		if err != nil || len(left.Parts) == 0 { // it is gone, or may not be looked at
			return nil
		}
	}
}
