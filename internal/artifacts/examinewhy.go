package artifacts

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// noAnswer is a question that the store has not answered in time.
type noAnswer struct{ limit time.Duration }

func (n noAnswer) Error() string { return fmt.Sprintf("no answer within %.0f s", n.limit.Seconds()) }

// answered says whether an error is the store's own, or of what it has sent, and not that it cannot be reached.
func answered(err error) bool {
	var api smithy.APIError
	var f *failure
	return errors.As(err, &api) || errors.Is(err, errMissing) || errors.Is(err, errFolder) || errors.As(err, &f) && f.cause == nil
}

// denied says whether the store knows who asks, and does not let them.
func denied(err error) bool {
	var api smithy.APIError
	var operation *smithy.OperationError
	if !errors.As(err, &api) || errors.As(err, &operation) && foreign(operation) {
		return false
	}
	switch api.ErrorCode() {
	case "AccessDenied", "AllAccessDisabled", "Forbidden", "403":
		return true
	}
	return false
}

// foreign says that another service than S3 was asked, as the one is that gives out keys for a role.
func foreign(operation *smithy.OperationError) bool {
	for operation.ServiceID == s3.ServiceID {
		var inner *smithy.OperationError
		if !errors.As(operation.Err, &inner) {
			return false
		}
		operation = inner
	}
	return true
}

// longestWhy bounds an error's text, in bytes.
const longestWhy = 300

// why says in a line what an error comes from, without the layers of the SDK around it.
func why(err error) string {
	text := err.Error()
	var api smithy.APIError
	var connection *url.Error
	var operation *smithy.OperationError
	switch {
	case errors.As(err, &api):
		text = strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": ")
	case errors.As(err, &connection):
		text = connection.Err.Error()
	case errors.As(err, &operation):
		text = operation.Err.Error()
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > longestWhy {
		text = strings.ToValidUTF8(text[:longestWhy], "") + " …"
	}
	return text
}

// remedy says what to do about an error of a call that needs the permission.
func (e *examination) remedy(err error, action string) string {
	var api smithy.APIError
	var operation *smithy.OperationError
	switch {
	case errors.As(err, &operation) && foreign(operation):
		return "let the credentials that are used here have the role that they ask for, or correct AWS_PROFILE"
	case denied(err) && e.bucket.AccessKey == "":
		return "allow s3:" + action + " on it to the role or user whose credentials are used here"
	case denied(err):
		return "allow s3:" + action + " on it to the user of AWS_ACCESS_KEY_ID"
	case errors.As(err, &api):
		switch api.ErrorCode() {
		case "NoSuchBucket", "NotFound", "404":
			return "correct the bucket's name in MLFLOW_ARTIFACT_URI, or make the bucket"
		case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
			return "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
		case "RequestTimeTooSkewed":
			return "set this machine's clock"
		}
		return "correct the bucket's name, the region, the keys or the upload arguments, whichever this is about"
	case answered(err):
		return "find out what is between this server and the store, or whether it is one for S3 at all"
	case strings.Contains(err.Error(), "credentials"):
		return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine or task a role"
	case e.bucket.Endpoint != "":
		return "correct MLFLOW_S3_ENDPOINT_URL, or let this machine connect to it: firewall, proxy, routes"
	}
	return "correct AWS_REGION, or let this machine connect to S3: firewall, proxy, VPC endpoint"
}
