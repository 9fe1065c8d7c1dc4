package artifacts

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// list implements store.
func (s *s3Store) list(ctx context.Context, name string) ([]entry, error) {
	prefix := strings.TrimRight(s.key(name), "/")
	if prefix != "" {
		prefix += "/"
	}
	var entries []entry
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &prefix, Delimiter: aws.String("/"), ExpectedBucketOwner: s.owner})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.failure(err, "listing "+prefix)
		}
		for _, folder := range page.CommonPrefixes {
			entries = append(entries, entry{path: s.relative(aws.ToString(folder.Prefix)), isDir: true})
		}
		for _, file := range page.Contents {
			key, size := aws.ToString(file.Key), aws.ToInt64(file.Size)
			if !isFolderMarker(key, size) {
				entries = append(entries, entry{path: s.relative(key), size: size})
			}
		}
	}
	sortEntries(entries)
	return entries, nil
}

// relative is the path of a key in the store, as Python's posixpath.relpath writes it.
func (s *s3Store) relative(key string) string {
	key, root := path.Clean(key), path.Clean(s.bucket.Prefix)
	if root == "." {
		return key
	}
	if key == root {
		return "."
	}
	return strings.TrimPrefix(key, root+"/")
}

// remove implements store.
func (s *s3Store) remove(ctx context.Context, name string) error {
	root := strings.TrimRight(s.key(name), "/")
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
		Bucket: &s.bucket.Name, Prefix: &root, ExpectedBucketOwner: s.owner})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return s.failure(err, "listing "+root)
		}
		var keys []types.ObjectIdentifier
		for _, file := range page.Contents {
			// A prefix finds root-2 as well.
			if key := aws.ToString(file.Key); key == root || strings.HasPrefix(key, root+"/") {
				keys = append(keys, types.ObjectIdentifier{Key: file.Key})
			}
		}
		if len(keys) == 0 {
			continue
		}
		answer, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &s.bucket.Name, Delete: &types.Delete{Objects: keys, Quiet: aws.Bool(true)}, ExpectedBucketOwner: s.owner})
		if err != nil {
			return s.failure(err, "deleting "+root)
		}
		for _, failed := range answer.Errors {
			// Of one object, in an answer that is otherwise good.
			cause := fmt.Errorf("deleting %s: %w", aws.ToString(failed.Key),
				&smithy.GenericAPIError{Code: aws.ToString(failed.Code), Message: aws.ToString(failed.Message)})
			if aws.ToString(failed.Code) == "AccessDenied" {
				return &failure{status: 403, code: "PERMISSION_DENIED", message: "The artifact store denies this server access", cause: cause}
			}
			return later(cause, "The artifact store failed")
		}
	}
	return nil
}
