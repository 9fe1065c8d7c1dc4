package artifacts

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"mlflow-server/internal/config"
)

// putInput stores a whole object, with the arguments that MLflow's own client of S3 would give it.
func (s *s3Store) putInput(key, name string, p *part) *s3.PutObjectInput {
	a := s.bucket.UploadArgs
	mime, encoding := uploadTypes(a, name)
	return &s3.PutObjectInput{
		Bucket: &s.bucket.Name, Key: &key, Body: p.reader(), ContentLength: aws.Int64(p.size), ChecksumCRC32: aws.String(p.checksum()),
		ContentType: mime, ContentEncoding: encoding, ExpectedBucketOwner: s.ownerOf(a),
		ACL: types.ObjectCannedACL(a.ACL), CacheControl: text(a.CacheControl), ContentDisposition: text(a.ContentDisposition),
		ContentLanguage: text(a.ContentLanguage), GrantFullControl: text(a.GrantFullControl), GrantRead: text(a.GrantRead),
		GrantReadACP: text(a.GrantReadACP), GrantWriteACP: text(a.GrantWriteACP), Metadata: a.Metadata,
		RequestPayer: types.RequestPayer(a.RequestPayer), ServerSideEncryption: types.ServerSideEncryption(a.ServerSideEncryption),
		StorageClass: types.StorageClass(a.StorageClass), Tagging: text(a.Tagging), WebsiteRedirectLocation: text(a.WebsiteRedirectLocation),
		SSEKMSKeyId: text(a.SSEKMSKeyId), SSEKMSEncryptionContext: text(a.SSEKMSEncryptionContext), BucketKeyEnabled: a.BucketKeyEnabled,
	}
}

// createInput begins a multipart upload with the same arguments as putInput.
func (s *s3Store) createInput(key, name string) *s3.CreateMultipartUploadInput {
	a := s.bucket.UploadArgs
	mime, encoding := uploadTypes(a, name)
	return &s3.CreateMultipartUploadInput{
		Bucket: &s.bucket.Name, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		ContentType: mime, ContentEncoding: encoding, ExpectedBucketOwner: s.ownerOf(a),
		ACL: types.ObjectCannedACL(a.ACL), CacheControl: text(a.CacheControl), ContentDisposition: text(a.ContentDisposition),
		ContentLanguage: text(a.ContentLanguage), GrantFullControl: text(a.GrantFullControl), GrantRead: text(a.GrantRead),
		GrantReadACP: text(a.GrantReadACP), GrantWriteACP: text(a.GrantWriteACP), Metadata: a.Metadata,
		RequestPayer: types.RequestPayer(a.RequestPayer), ServerSideEncryption: types.ServerSideEncryption(a.ServerSideEncryption),
		StorageClass: types.StorageClass(a.StorageClass), Tagging: text(a.Tagging), WebsiteRedirectLocation: text(a.WebsiteRedirectLocation),
		SSEKMSKeyId: text(a.SSEKMSKeyId), SSEKMSEncryptionContext: text(a.SSEKMSEncryptionContext), BucketKeyEnabled: a.BucketKeyEnabled,
	}
}

// uploadTypes are the Content-Type and Content-Encoding that MLflow stores with a file.
func uploadTypes(a config.UploadArgs, name string) (mime, encoding *string) {
	m, e := guessType(name)
	if a.ContentType != "" {
		m = a.ContentType
	}
	if a.ContentEncoding != "" {
		e = a.ContentEncoding
	}
	return text(m), text(e)
}

func (s *s3Store) ownerOf(a config.UploadArgs) *string {
	if a.ExpectedBucketOwner != "" {
		return &a.ExpectedBucketOwner
	}
	return s.owner
}

// text is nil for an empty string, which the SDK would send.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
