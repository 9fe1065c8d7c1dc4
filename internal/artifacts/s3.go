package artifacts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"mlflow-server/internal/config"
)

// s3Store is a store in a bucket, laid out as MLflow does it: the key is the destination's prefix and the path.
type s3Store struct {
	client  *s3.Client
	presign *s3.PresignClient // signs for the address that clients use
	bucket  config.Bucket
	owner   *string
	memory  *memory
	journal *journal
	// directory is where the journals of this and of former processes are.
	directory string
	// downloadURL is how long URLs for downloads are good for.
	downloadURL time.Duration
	// signsContent says that the content of uploads is signed: without TLS nothing else keeps it as it is on its way.
	signsContent bool
	active       atomic.Int64  // uploads under way
	stalled      time.Duration // storeStalled, except in tests
	log          *slog.Logger
}

// defaultRegion is where S3 takes a bucket to be when nobody says otherwise.
const defaultRegion = "us-east-1"

func newS3Store(stop context.Context, o Options) (*s3Store, error) {
	b := o.Service.S3
	if b.Name == "" {
		return nil, errors.New("no bucket given")
	}
	loaded, err := awsconfig.LoadDefaultConfig(stop, settings(b)...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if loaded.Region == "" {
		loaded.Region = defaultRegion
	}
	if o.transport != nil {
		loaded.HTTPClient = &http.Client{Transport: o.transport}
	}
	if o.observe != nil {
		loaded.HTTPClient = observed{loaded.HTTPClient, o.observe}
	}
	where := func(*s3.Options) {}
	if b.Endpoint == "" && loaded.BaseEndpoint == nil {
		found := &regional{next: s3.NewDefaultEndpointResolverV2(), ask: s3.NewFromConfig(loaded, addressing(b, "")), bucket: b.Name, log: o.Log}
		where = func(o *s3.Options) { o.EndpointResolverV2 = found }
	}
	store := &s3Store{
		client:  s3.NewFromConfig(loaded, addressing(b, b.Endpoint), where),
		bucket:  b,
		memory:  newMemory(memoryPages),
		journal: newJournal(o.Directory),

		directory:   o.Directory,
		downloadURL: o.Service.DownloadURLTime,
		stalled:     storeStalled,
		log:         o.Log,
	}
	public, whereOffered := b.PublicEndpoint, func(*s3.Options) {}
	if public == "" {
		public, whereOffered = b.Endpoint, where
	}
	store.presign = s3.NewPresignClient(s3.NewFromConfig(loaded, addressing(b, public), whereOffered))
	store.signsContent = withoutTLS(b.Endpoint) || withoutTLS(aws.ToString(loaded.BaseEndpoint))
	if b.BucketOwner != "" {
		store.owner = aws.String(b.BucketOwner)
	}
	return store, nil
}

// observed shows every answer of the store to somebody.
type observed struct {
	client aws.HTTPClient
	see    func(*http.Request, *http.Response)
}

// Do implements aws.HTTPClient.
func (o observed) Do(r *http.Request) (*http.Response, error) {
	answer, err := o.client.Do(r)
	if err == nil {
		o.see(r, answer)
	}
	return answer, err
}

// The HTTP connections to the store.
const (
	idleConnections = 64
	bufferBytes     = 64 << 10
	// headerTimeout is long because S3 may need minutes to put a large upload together.
	headerTimeout = 10 * time.Minute
	attempts      = 4
)

// settings are the SDK's. Credentials that are set for MLflow, if only in .env, count here too; otherwise the SDK looks
// where it always does: files, the task's or the machine's role.
func settings(b config.Bucket) []func(*awsconfig.LoadOptions) error {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConnections, idleConnections
		t.ReadBufferSize, t.WriteBufferSize = bufferBytes, bufferBytes
		t.ResponseHeaderTimeout = headerTimeout
		t.DisableCompression = true
		if b.IgnoreTLS {
			t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // MLFLOW_S3_IGNORE_TLS asks for it
		}
	})
	list := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithHTTPClient(client),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, 3*time.Second })
		}),
		awsconfig.WithLogger(logging.Nop{}), // it speaks of requests with their headers
	}
	if b.Region != "" {
		list = append(list, awsconfig.WithRegion(b.Region))
	}
	if b.Profile != "" {
		list = append(list, awsconfig.WithSharedConfigProfile(b.Profile))
	}
	switch {
	case b.Unsigned:
		list = append(list, awsconfig.WithCredentialsProvider(aws.AnonymousCredentials{}))
	case b.AccessKey != "":
		list = append(list, awsconfig.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(b.AccessKey, b.SecretKey.Reveal(), b.SessionToken.Reveal())))
	}
	return list
}

// addressing says how requests name the store: with an endpoint of its own, the bucket is in the path unless asked for
// otherwise, as boto3 does it.
func addressing(b config.Bucket, endpoint string) func(*s3.Options) {
	return func(o *s3.Options) {
		if endpoint != "" {
			o.BaseEndpoint = aws.String(strings.TrimSuffix(endpoint, "/"))
		}
		o.UsePathStyle = b.PathStyle || endpoint != "" && !b.VirtualHost
		// Checksums are sent and checked where this package asks for it; services other than Amazon's do not know them all.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	}
}

func withoutTLS(endpoint string) bool { return strings.HasPrefix(strings.ToLower(endpoint), "http:") }

func (s *s3Store) key(path string) string {
	if path == "" {
		return s.bucket.Prefix
	}
	return joinPath(s.bucket.Prefix, path)
}

func (s *s3Store) close() { s.journal.close() }

// cleanupTime is how long an aborted upload may take to be taken out of the store; cleanupStopping is the same when the server
// stops. Together with settleStopping it is within what the launcher leaves for that.
const (
	cleanupTime     = 10 * time.Second
	cleanupStopping = 2 * time.Second
)

// failure says what an error of the store means to a client. Its own text stays in the log: it names hosts and keys.
func (s *s3Store) failure(err error, doing string) error {
	var known *failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return later(err, "The artifact store did not answer in time")
	}
	var noKey *types.NoSuchKey
	var missing *types.NotFound
	if errors.As(err, &noKey) || errors.As(err, &missing) {
		return errMissing
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return later(err, "The artifact store cannot be reached")
	}
	switch code := api.ErrorCode(); code {
	case "NoSuchKey", "NotFound", "404":
		return errMissing
	case "NoSuchUpload":
		f := notFound("The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
		f.cause = err
		return f
	case "NoSuchBucket":
		f := notFound("The bucket of the artifact store does not exist")
		f.cause = err
		return f
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall", "EntityTooLarge", "MalformedXML", "InvalidPartNumber":
		f := invalid("The artifact store refused the upload: %s", code)
		f.cause = err
		return f
	case "KeyTooLongError", "KeyTooLong", "InvalidObjectName", "XMinioInvalidObjectName":
		f := invalid("Invalid path: the name is too long for this store, or not allowed in it")
		f.cause = err
		return f
	case "ExistingObjectIsDirectory", "ObjectParentIsFile", "XMinioParentIsObject", "ParentIsObject", "DirectoryObjectContainsData":
		f := invalid("Invalid path: a file and a folder cannot have the same name")
		f.cause = err
		return f
	case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch",
		"ExpiredToken", "InvalidToken":
		return &failure{status: http.StatusForbidden, code: "PERMISSION_DENIED",
			message: "The artifact store denies this server access", cause: err}
	case "QuotaExceeded", "StorageFull", "XMinioStorageFull":
		return later(err, "There is no space left in the artifact store")
	}
	return later(err, "The artifact store failed")
}
