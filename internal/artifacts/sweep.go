package artifacts

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// abandoned is how long nothing may have happened to an upload in parts before it counts as left by a process that was
// killed: a part of 5 MiB at 1 KB/s takes an hour and a half, and URLs for parts are good for an hour.
const abandoned = 24 * time.Hour

// sweepTime bounds the sweep of one start.
const sweepTime = 10 * time.Minute

// sweep takes out of the store what killed processes have left there: at once what a journal names, after a day what
// nobody has touched. Unfinished uploads are invisible, but they are paid for.
func (s *s3Store) sweep(stop context.Context) {
	ctx, cancel := context.WithTimeout(stop, sweepTime)
	defer cancel()
	swept := 0
	err := orphans(s.journal.dir, func(u unfinished) error {
		if u.Bucket != s.bucket.Name {
			return nil
		}
		swept++
		return s.abortUntilGone(ctx, u.Key, u.ID)
	})
	if err == nil {
		err = s.eachUpload(ctx, func(key, id string, begun time.Time) error {
			last, err := s.lastPart(ctx, key, id, begun)
			if err != nil || time.Since(last) < abandoned {
				return err
			}
			swept++
			return s.abortUntilGone(ctx, key, id)
		})
	}
	switch {
	case stop.Err() != nil:
	case err != nil:
		// Nothing depends on it; a policy may not allow it, and not every service can list uploads.
		s.log.Info("unfinished uploads in the store cannot be looked for", "error", s.failure(err, "sweeping"))
	case swept > 0:
		s.log.Info("swept unfinished uploads", "uploads", swept)
	}
}

// eachUpload goes through the uploads in parts below the prefix.
func (s *s3Store) eachUpload(ctx context.Context, do func(key, id string, begun time.Time) error) error {
	prefix := strings.TrimRight(s.bucket.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	input := &s3.ListMultipartUploadsInput{Bucket: &s.bucket.Name, Prefix: &prefix, ExpectedBucketOwner: s.owner}
	for {
		page, err := s.client.ListMultipartUploads(ctx, input)
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			if err := do(aws.ToString(u.Key), aws.ToString(u.UploadId), aws.ToTime(u.Initiated)); err != nil {
				return err
			}
		}
		if !aws.ToBool(page.IsTruncated) || page.NextKeyMarker == nil {
			return nil
		}
		input.KeyMarker, input.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
}

// lastPart is when something happened to an upload for the last time.
func (s *s3Store) lastPart(ctx context.Context, key, id string, begun time.Time) (time.Time, error) {
	if time.Since(begun) < abandoned {
		return begun, nil
	}
	last := begun
	parts := s3.NewListPartsPaginator(s.client, &s3.ListPartsInput{Bucket: &s.bucket.Name, Key: &key, UploadId: &id, ExpectedBucketOwner: s.owner})
	for parts.HasMorePages() {
		page, err := parts.NextPage(ctx)
		if isGone(err) {
			return time.Now(), nil
		}
		if err != nil {
			return last, err
		}
		for _, p := range page.Parts {
			if at := aws.ToTime(p.LastModified); at.After(last) {
				last = at
			}
		}
	}
	return last, nil
}

// isGone says that an upload is no longer there.
func isGone(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchUpload" {
		return true
	}
	var answer *awshttp.ResponseError
	return errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotFound
}
