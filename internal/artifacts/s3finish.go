package artifacts

import (
	"context"
	"crypto/md5" //nolint:gosec // S3's own choice for ETags
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// finish completes an upload in parts. The errors are the SDK's.
//
// When the store's answer is lost on its way, the SDK asks again and hears that there is no such upload: it has become the
// object. Whether it has is to be seen from the object.
func (s *s3Store) finish(ctx context.Context, key, id string, parts []types.CompletedPart) error {
	_, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &s.bucket.Name, Key: &key, UploadId: &id, ExpectedBucketOwner: s.owner,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if isGone(err) && s.consistsOf(ctx, key, parts) {
		return nil
	}
	return err
}

// consistsOf says whether the object under key has been put together from these parts.
func (s *s3Store) consistsOf(ctx context.Context, key string, parts []types.CompletedPart) bool {
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket.Name, Key: &key, ExpectedBucketOwner: s.owner})
	if err != nil {
		return false
	}
	want, ok := etagOf(parts)
	return ok && strings.Trim(aws.ToString(head.ETag), `"`) == want
}

// etagOf is the ETag of an object made of these parts: the MD5 of their MD5s, and how many there are. It is not known
// where the store encrypts in a way that makes a part's ETag something other than its MD5.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
func etagOf(parts []types.CompletedPart) (etag string, ok bool) {
	all := md5.New() //nolint:gosec // see above
	for _, p := range parts {
		sum, err := hex.DecodeString(strings.Trim(aws.ToString(p.ETag), `"`))
		if err != nil || len(sum) != md5.Size {
			return "", false
		}
		all.Write(sum)
	}
	return fmt.Sprintf("%x-%d", all.Sum(nil), len(parts)), true
}
