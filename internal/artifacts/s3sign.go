package artifacts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// newPart makes an empty part of an upload. Where its content is to be signed, that is summed up while it is read, and
// not once more before it is sent.
func (s *s3Store) newPart() *part {
	p := &part{memory: s.memory}
	if s.signsContent {
		p.sum = sha256.New()
	}
	return p
}

// unsignedPayload is what stands in place of a SHA-256 where TLS protects the content, as boto3 does it.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const unsignedPayload = "UNSIGNED-PAYLOAD"

// signed tells the SDK the part's SHA-256, which it would otherwise take itself, over TLS too.
func (p *part) signed(o *s3.Options) {
	sum := unsignedPayload
	if p.sum != nil {
		sum = hex.EncodeToString(p.sum.Sum(nil))
	}
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("KnownPayloadHash",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(v4.SetPayloadHash(ctx, sum), in)
			}), middleware.Before)
	})
}
