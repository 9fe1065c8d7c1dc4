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
	abort := func(key, id string) error {
		err := s.abortUntilGone(ctx, key, id)
		if err == nil {
			swept++
		}
		return err
	}
	err := errors.Join(
		orphans(s.directory, func(u unfinished) (mine bool, err error) {
			if u.Bucket != s.bucket.Name {
				return false, nil
			}
			return true, abort(u.Key, u.ID)
		}),
		s.eachUpload(ctx, func(key, id string, begun time.Time) error {
			last, err := s.lastPart(ctx, key, id, begun)
			if err != nil || time.Since(last) < abandoned {
				return err
			}
			return abort(key, id)
		}),
	)
	switch {
	case stop.Err() != nil:
	case err != nil:
		// Nothing depends on it; a policy may not allow it, and not every service can list uploads.
		s.log.Info("unfinished uploads in the store cannot all be looked for and removed", "error", s.failure(err, "sweeping"))
	}
	if swept > 0 {
		s.log.Info("swept unfinished uploads", "uploads", swept)
	}
}

// eachUpload goes through the uploads in parts below the prefix. What fails for one of them does not spare the others.
func (s *s3Store) eachUpload(ctx context.Context, do func(key, id string, begun time.Time) error) error {
	prefix := strings.TrimRight(s.bucket.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	input := &s3.ListMultipartUploadsInput{Bucket: &s.bucket.Name, Prefix: &prefix, ExpectedBucketOwner: s.owner}
	var failed []error
	for {
		page, err := s.client.ListMultipartUploads(ctx, input)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, u := range page.Uploads {
			if err := do(aws.ToString(u.Key), aws.ToString(u.UploadId), aws.ToTime(u.Initiated)); err != nil {
				failed = append(failed, err)
			}
		}
		if !aws.ToBool(page.IsTruncated) || page.NextKeyMarker == nil {
			return errors.Join(failed...)
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
