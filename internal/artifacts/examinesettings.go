package artifacts

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// The checks of a bucket's settings.
const (
	versioningCheck = "bucket: versioning"
	publicCheck     = "bucket: public access"
)

func (e *examination) lookAtVersioning(ctx context.Context) {
	var found *s3.GetBucketVersioningOutput
	err := e.look(ctx, versioningCheck, "GetBucketVersioning", func(ctx context.Context) (err error) {
		found, err = e.store.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &e.bucket.Name, ExpectedBucketOwner: e.store.owner})
		return err
	})
	const gone = "what is deleted or overwritten is gone"
	switch {
	case errors.Is(err, errTold):
	case err != nil: // of a service that does not know the question
		e.tell(versioningCheck, "warn", "this service says that it has none ("+why(err)+"): "+gone,
			"switch it on where the service can, or copy the bucket from time to time")
	case found.Status == types.BucketVersioningStatusEnabled:
		e.tell(versioningCheck, "ok", "on", "")
	default:
		e.tell(versioningCheck, "warn", "off: "+gone, "switch it on to be able to undo deletions")
	}
}

func (e *examination) lookAtPublicAccess(ctx context.Context) {
	var block types.PublicAccessBlockConfiguration
	err := e.look(ctx, publicCheck, "GetBucketPublicAccessBlock", func(ctx context.Context) error {
		found, err := e.store.client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &e.bucket.Name, ExpectedBucketOwner: e.store.owner})
		var api smithy.APIError
		switch {
		case errors.As(err, &api) && api.ErrorCode() == "NoSuchPublicAccessBlockConfiguration":
			return nil // none of the four is switched on
		case err != nil:
			return err
		case found.PublicAccessBlockConfiguration != nil:
			block = *found.PublicAccessBlockConfiguration
		}
		return nil
	})
	switch {
	case errors.Is(err, errTold):
	case err != nil:
		e.tell(publicCheck, "ok", "this service has no block of it ("+why(err)+")", "")
	case aws.ToBool(block.BlockPublicAcls) && aws.ToBool(block.IgnorePublicAcls) && aws.ToBool(block.BlockPublicPolicy) && aws.ToBool(block.RestrictPublicBuckets):
		e.tell(publicCheck, "ok", "blocked", "")
	default:
		e.tell(publicCheck, "warn", "not blocked", "switch on all four blocks")
	}
}

// errTold is for what has been told already.
var errTold = errors.New("told")

// look asks for a setting. A right that is missing only for looking is no defect of the server, so that it changes no exit
// code. What is returned is nil, errTold, or the refusal of a service other than Amazon's that does not know the question.
func (e *examination) look(ctx context.Context, check, action string, question func(context.Context) error) error {
	if e.silent {
		return errTold
	}
	err := e.within(ctx, question)
	switch {
	case err == nil:
		return nil
	case denied(err):
		e.tell(check, "ok", "not known: these keys may not look", "allow s3:"+action+" to have this checked")
	case e.bucket.Endpoint != "" && unknown(err):
		return err
	default:
		e.tell(check, "warn", "cannot be read: "+why(err), e.remedy(err, action))
	}
	return errTold
}

// unknown says whether a service does not know the question. Most say so; some take the question for one about objects.
func unknown(err error) bool {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		switch answer.HTTPStatusCode() {
		case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		default:
			return false
		}
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return answered(err)
	}
	switch api.ErrorCode() {
	case "NoSuchBucket", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestTimeTooSkewed", "AuthorizationHeaderMalformed":
		return false
	}
	return true
}
