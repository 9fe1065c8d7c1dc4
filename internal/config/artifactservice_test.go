package config

import (
	"strings"
	"testing"
)

func TestArtifactsAreServedByThisServerUnlessMLflowMustDoIt(t *testing.T) {
	for _, c := range []struct {
		why       string
		variables map[string]string
		want      bool
	}{
		{"by default", nil, true},
		{"switched off", map[string]string{"MLFLOW_NATIVE_ARTIFACTS": "false"}, false},
		{"workspaces move the files", map[string]string{"MLFLOW_ENABLE_WORKSPACES": "True"}, false},
		{"encryption at rest", map[string]string{"MLFLOW_S3_UPLOAD_EXTRA_ARGS": `{"ServerSideEncryption":"aws:kms","SSEKMSKeyId":"k"}`}, true},
		{"keys of the customer's own", map[string]string{"MLFLOW_S3_UPLOAD_EXTRA_ARGS": `{"SSECustomerKey":"hunter2"}`, "MLFLOW_ARTIFACT_URI": "s3://bucket"}, false},
	} {
		if got := mustLoad(t, Serve, c.variables).Service.Native; got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

func TestABucketIsReadFromTheURIAndTheEnvironment(t *testing.T) {
	c := mustLoad(t, Serve, map[string]string{
		"MLFLOW_ARTIFACT_URI": "s3://bucket/a b/", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-west-1",
		"MLFLOW_S3_ENDPOINT_URL": "http://minio:9000", "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path", "MLFLOW_MAX_ARTIFACT_MB": "3",
	}).Service
	if b := c.S3; b.Name != "bucket" || b.Prefix != "a b/" || b.SecretKey.Reveal() != "hunter2" || b.Region != "eu-west-1" || !b.PathStyle || c.MaxBytes != 3<<20 {
		t.Errorf("%+v", c)
	}
	if b := mustLoad(t, Serve, map[string]string{"AWS_ACCESS_KEY_ID": "id"}).Service.S3; b.AccessKey != "" {
		t.Errorf("a directory has %+v", b)
	}
}

func TestArtifactSettingsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"MLFLOW_NATIVE_ARTIFACTS":                   {"no", "is neither true nor false"},
		"MLFLOW_MAX_ARTIFACT_MB":                    {"1.5", "is not a whole number"},
		"MLFLOW_MAX_TRANSFERS":                      {"0", "is not a whole number from 1"},
		"MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS": {"604801", "is not a whole number from 1"},
		"MLFLOW_S3_PUBLIC_ENDPOINT_URL":             {"s3.example.com", "is not of the form"},
		"MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE":       {"dns", "is none of auto"},
		"MLFLOW_S3_UPLOAD_EXTRA_ARGS":               {`{"Acl2":"hunter2"}`, `holds "Acl2"`},
	} {
		line := mustReject(t, map[string]string{name: c.value})
		if !strings.HasPrefix(line, name+": ") || !strings.Contains(line, c.want) || strings.Contains(line, "hunter2") {
			t.Errorf("%s=%s: %s", name, c.value, line)
		}
	}
	for _, value := range []string{`hunter2`, `["hunter2"]`, `{"ACL":1}`, `{} {"hunter2":1}`} {
		if line := mustReject(t, map[string]string{"MLFLOW_S3_UPLOAD_EXTRA_ARGS": value}); strings.Contains(line, "hunter2") {
			t.Errorf("%s: %s", value, line)
		}
	}
	for _, limit := range []string{"MLFLOW_MAX_ARTIFACT_MB", "MLFLOW_MAX_DAILY_UPLOAD_MB"} {
		if _, err := load(t, Serve, map[string]string{"MLFLOW_NATIVE_ARTIFACTS": "false", limit: "5"}); err == nil || !strings.HasPrefix(err.Error(), limit+": ") {
			t.Errorf("%s without effect: %v", limit, err)
		}
	}
	if _, err := load(t, Serve, map[string]string{"MLFLOW_ARTIFACT_URI": "s3://bucket", "AWS_ACCESS_KEY_ID": "id"}); err == nil {
		t.Error("a key without its secret is accepted")
	}
}

func TestOnlyStoresThatClientsCanReachAreOffered(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"": true, "https://s3.example.com": true, "https://203.0.113.9:9000": true,
		"http://minio:9000": false, "http://127.0.0.1:9000": false, "http://localhost:9000": false, "http://10.0.0.5": false,
		"http://[fd00::1]:9000": false, "http://minio.default.svc:9000": false, "https://s3.eu.internal": false,
	} {
		if got := (Bucket{Endpoint: endpoint}).Reachable(); got != want {
			t.Errorf("%s: %v", endpoint, got)
		}
	}
	if !(Bucket{Endpoint: "http://minio:9000", PublicEndpoint: "http://127.0.0.1:9000"}).Reachable() {
		t.Error("a public endpoint is not believed")
	}
}
