package provision

import (
	"os"
	"path/filepath"
	"slices"
)

// unread are directories of the locked packages that no program reads: their own tests. pandas' and numpy's are 26 MB and
// as much again in bytecode.
var unread = []string{
	"pandas/tests", "numpy/tests", "numpy/*/tests", "numpy/*/*/tests", "graphene/tests", "graphene/*/tests", "graphene/test",
	"gitdb/test", "smmap/test",
}

// awsServices are the descriptions of AWS services that stay: those MLflow names anywhere in its code (S3 and STS in the
// server; Bedrock in its gateway; the others in its SageMaker client) and those that find credentials. botocore brings 443,
// which are 28 MB; these are 2.
var awsServices = []string{
	"s3", "sts", "bedrock-runtime", "ecr", "iam", "sagemaker", "sso", "sso-oidc", "signin",
}

// prune removes what a server never reads. The services of AWS go only when all packages are the lock's: an extra one may
// use any of them.
func prune(packages string, lockedOnly bool) error {
	// uv's console scripts start with the path of the interpreter at build time. finish.py writes movable ones.
	if err := os.RemoveAll(filepath.Join(packages, "bin")); err != nil {
		return err
	}
	for _, pattern := range unread {
		if err := removeGlob(filepath.Join(packages, filepath.FromSlash(pattern))); err != nil {
			return err
		}
	}
	if !lockedOnly {
		return nil
	}
	data := filepath.Join(packages, "botocore", "data")
	entries, err := os.ReadDir(data)
	if err != nil {
		return err
	}
	for _, e := range entries {
		// The files beside the directories say which endpoints, partitions and retries there are.
		if e.IsDir() && !slices.Contains(awsServices, e.Name()) {
			if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
