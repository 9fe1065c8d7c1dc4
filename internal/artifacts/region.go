package artifacts

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// regional finds out in which of Amazon's regions the bucket is, as boto3 does for MLflow: S3 refuses a request that was
// signed for another one, and few people set AWS_REGION for a bucket.
type regional struct {
	next   s3.EndpointResolverV2
	ask    *s3.Client // without this resolver
	bucket string
	log    *slog.Logger

	mu    sync.Mutex
	found string
	asked time.Time
}

const (
	// regionTime is how long the question may take, regionPause how long after a failure it is not asked again.
	regionTime  = 10 * time.Second
	regionPause = 30 * time.Second
	// regionHeader is in S3's answers to HEAD of a bucket, whether they are 200, 301 or 403.
	// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
	regionHeader = "X-Amz-Bucket-Region"
)

// ResolveEndpoint implements s3.EndpointResolverV2.
func (r *regional) ResolveEndpoint(ctx context.Context, p s3.EndpointParameters) (smithyendpoints.Endpoint, error) {
	if region := r.region(ctx); region != "" {
		p.Region = &region
	}
	return r.next.ResolveEndpoint(ctx, p)
}

// region is the bucket's, or empty as long as it cannot be found out: then the configured one has to do.
func (r *regional) region(ctx context.Context) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found != "" || time.Since(r.asked) < regionPause {
		return r.found
	}
	// One request's end is not that of all that wait for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), regionTime)
	defer cancel()
	answer, err := r.ask.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.bucket})
	var refused *awshttp.ResponseError
	switch {
	case err == nil && answer.BucketRegion != nil:
		r.found = *answer.BucketRegion
	case errors.As(err, &refused):
		r.found = refused.HTTPResponse().Header.Get(regionHeader)
	}
	if r.asked = time.Now(); r.found == "" {
		r.log.Info("the bucket's region cannot be found out; the configured one is used", "error", err)
	}
	return r.found
}
