package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ArtifactService is how artifacts are served.
type ArtifactService struct {
	// Native says that this server answers artifact requests itself; otherwise MLflow does.
	Native bool
	// MaxBytes is the largest artifact that is taken, MaxDailyBytes what one user may upload in one day; 0 is any.
	MaxBytes, MaxDailyBytes int64
	// MaxTransfers is how many uploads and downloads may be under way at once.
	MaxTransfers int
	// DownloadURLTime is how long a URL is good for with which a client fetches a file from the store by itself.
	DownloadURLTime time.Duration
	// S3 is set where artifacts are on S3.
	S3 Bucket
}

// Bucket is how to reach a bucket on S3. What is empty is left to the AWS SDK: it looks into its configuration files and asks the
// machine or the task for credentials.
type Bucket struct {
	Name, Prefix string
	Region       string
	Profile      string
	AccessKey    string
	SecretKey    Secret
	SessionToken Secret
	// Endpoint is the URL of an S3 service other than Amazon's, PublicEndpoint its URL for clients.
	Endpoint, PublicEndpoint string
	// VirtualHost puts the bucket into the host name, PathStyle into the path; without either the SDK's rule counts.
	VirtualHost, PathStyle bool
	// IgnoreTLS accepts any certificate.
	IgnoreTLS bool
	// Unsigned sends requests without a signature, for public buckets.
	Unsigned bool
	// BucketOwner is the account that must own the bucket.
	BucketOwner string
	// UploadArgs are added to every upload.
	UploadArgs UploadArgs
}

// UploadArgs are the arguments of MLFLOW_S3_UPLOAD_EXTRA_ARGS, under boto3's names.
// Source: https://docs.aws.amazon.com/boto3/latest/reference/customizations/s3.html (ALLOWED_UPLOAD_ARGS)
type UploadArgs struct {
	ACL, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType string
	GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP                             string
	Metadata                                                                             map[string]string
	RequestPayer, ServerSideEncryption, StorageClass, Tagging, WebsiteRedirectLocation   string
	SSEKMSKeyId, SSEKMSEncryptionContext                                                 string //nolint:revive // boto3's spelling
	BucketKeyEnabled                                                                     *bool
	ExpectedBucketOwner                                                                  string

	// What only MLflow's own uploads can do: with one of these, MLflow answers artifact requests.
	SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5                       json.RawMessage
	ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetainUntilDate, Expires json.RawMessage
	ChecksumAlgorithm, ChecksumType                                               json.RawMessage
}

// beyond says whether there are arguments that only MLflow can use.
func (a UploadArgs) beyond() bool {
	for _, argument := range []json.RawMessage{a.SSECustomerAlgorithm, a.SSECustomerKey, a.SSECustomerKeyMD5, a.Expires,
		a.ObjectLockLegalHoldStatus, a.ObjectLockMode, a.ObjectLockRetainUntilDate, a.ChecksumAlgorithm, a.ChecksumType} {
		if argument != nil {
			return true
		}
	}
	return false
}

const (
	publicEndpointVariable = "MLFLOW_S3_PUBLIC_ENDPOINT_URL"
	uploadArgsVariable     = "MLFLOW_S3_UPLOAD_EXTRA_ARGS"
	nativeVariable         = "MLFLOW_NATIVE_ARTIFACTS"
	// maxMegabytes keeps a size in bytes far from overflowing; it is 100 TB.
	maxMegabytes = 100_000_000
	// weekSeconds is the longest time that S3 signs a URL for.
	// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
	weekSeconds = 7 * 24 * 60 * 60
)

// artifactService reads how artifacts are served.
func (r *reader) artifactService(a Artifacts) ArtifactService {
	s := ArtifactService{
		Native:        r.boolean(nativeVariable),
		MaxBytes:      int64(r.number("MLFLOW_MAX_ARTIFACT_MB", 0, maxMegabytes)) << 20,
		MaxDailyBytes: int64(r.number("MLFLOW_MAX_DAILY_UPLOAD_MB", 0, maxMegabytes)) << 20,
		MaxTransfers:  r.number("MLFLOW_MAX_TRANSFERS", 1, 10_000),

		DownloadURLTime: time.Duration(r.number("MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", 1, weekSeconds)) * time.Second,
	}
	if r.workspaces() {
		s.Native = false // MLflow moves each workspace's artifacts to a place of its own
	}
	s.S3 = r.bucket(a)
	if s.S3.UploadArgs.beyond() {
		s.Native = false
	}
	if !s.Native {
		const why = "is not kept while MLflow answers artifact requests, as it does with %s=false, workspaces and some upload arguments"
		if s.MaxBytes > 0 {
			r.reject("MLFLOW_MAX_ARTIFACT_MB", why, nativeVariable)
		}
		if s.MaxDailyBytes > 0 {
			r.reject("MLFLOW_MAX_DAILY_UPLOAD_MB", why, nativeVariable)
		}
	}
	return s
}

func (r *reader) bucket(a Artifacts) Bucket {
	value := func(names ...string) string {
		for _, name := range names {
			if v, ok := r.set(name); ok {
				return v
			}
		}
		return ""
	}
	s := Bucket{
		Endpoint:       value("MLFLOW_S3_ENDPOINT_URL"),
		PublicEndpoint: value(publicEndpointVariable),
		Region:         value("AWS_REGION", "AWS_DEFAULT_REGION"),
		Profile:        value("AWS_PROFILE"),
		AccessKey:      value("AWS_ACCESS_KEY_ID"),
		SecretKey:      Secret(value("AWS_SECRET_ACCESS_KEY")),
		SessionToken:   Secret(value("AWS_SESSION_TOKEN")),
		BucketOwner:    value("MLFLOW_S3_EXPECTED_BUCKET_OWNER"),
		IgnoreTLS:      r.boolean("MLFLOW_S3_IGNORE_TLS"),
		Unsigned:       strings.EqualFold(value("MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION"), "unsigned"),
	}
	r.endpoint("MLFLOW_S3_ENDPOINT_URL", s.Endpoint)
	r.endpoint(publicEndpointVariable, s.PublicEndpoint)
	switch style := r.value("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"); style {
	case "auto":
	case "path":
		s.PathStyle = true
	case "virtual":
		s.VirtualHost = true
	default:
		r.reject("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "is none of auto, path, virtual")
	}
	if text, ok := r.set(uploadArgsVariable); ok {
		args, err := parseUploadArgs(text)
		if err != nil {
			r.reject(uploadArgsVariable, "%v", err)
		}
		s.UploadArgs = args
	}
	if a.Kind != S3 {
		return Bucket{}
	}
	if (s.AccessKey == "") != (s.SecretKey == "") {
		r.reject("AWS_SECRET_ACCESS_KEY", "and AWS_ACCESS_KEY_ID belong together; only one of them is set")
	}
	s.Name, s.Prefix, _ = strings.Cut(strings.TrimPrefix(a.URI, "s3://"), "/")
	return s
}

// parseUploadArgs never quotes the value: it may hold a key.
func parseUploadArgs(text string) (UploadArgs, error) {
	var args UploadArgs
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&args); err != nil {
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok && len(name) < 60 {
			return args, errors.New("holds " + name + ", which is not an argument of uploads that this server knows")
		}
		return args, errors.New(`is not a JSON object of boto3's upload arguments, as {"ServerSideEncryption": "AES256"}`)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return args, errors.New("holds more than one JSON object")
	}
	return args, nil
}

// endpoint checks a URL of an S3 service.
func (r *reader) endpoint(name, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		r.reject(name, "is not of the form https://host or http://host:port")
	}
}

// Reachable says whether clients can be expected to reach the store by themselves: at Amazon's, at a public endpoint
// that is set, or at one with a name that is known beyond this machine and its network.
func (s Bucket) Reachable() bool {
	if s.PublicEndpoint != "" || s.Endpoint == "" {
		return true
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsGlobalUnicast() && !address.IsPrivate()
	}
	if !strings.Contains(host, ".") { // the name of a container, localhost
		return false
	}
	for _, inner := range []string{".internal", ".local", ".localhost", ".lan", ".home", ".corp", ".svc", ".test"} {
		if strings.HasSuffix(host, inner) {
			return false
		}
	}
	return true
}
