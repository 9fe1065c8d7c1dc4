package artifacts_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// flat is a bucket in which a key can be a file and a folder at once, as on Amazon's S3; on versitygw's directory it
// cannot.
func flat(t *testing.T) map[string]string {
	t.Helper()
	endpoint := cloud.StartMoto(t).URL
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, endpoint+"/flat", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x")
	answer, err := quick.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("making a bucket: %s", answer.Status)
	}
	return map[string]string{"MLFLOW_ARTIFACT_URI": "s3://flat/pre", "MLFLOW_S3_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "k",
		"AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}
}

func TestOnAFlatBucketAKeyCanBeAFileAndAFolder(t *testing.T) {
	t.Parallel()
	env := flat(t)
	s := serve(t, harness.Client{}, env)
	long := strings.Repeat("k", 890) + ".txt"
	for _, name := range []string{"both", "both/inner", "both-2", long, "100%25", "a+b"} {
		if a := send(t.Context(), s.Client, "PUT", "/api"+store+"/"+name, "content of "+name, nil); a.status != 200 {
			t.Fatalf("%s: %d %s", name, a.status, a.body)
		}
		if a := send(t.Context(), s.Client, "GET", "/api"+store+"/"+name, "", nil); a.body != "content of "+name {
			t.Errorf("%s: %d %.100s", name, a.status, a.body)
		}
	}
	if a := send(t.Context(), s.Client, "GET", "/api"+store, "", nil); strings.Count(a.body, `"both"`) != 2 || strings.Count(a.body, "is_dir\": true") != 1 {
		t.Errorf("the root: %s", a.body)
	}
	if a := send(t.Context(), s.Client, "GET", "/api"+store+"?path=both", "", nil); !strings.Contains(a.body, `"inner"`) || strings.Contains(a.body, "both") {
		t.Errorf("the folder: %s", a.body)
	}
	if a := send(t.Context(), s.Client, "DELETE", "/api"+store+"/both", "", nil); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for name, want := range map[string]int{"both": 404, "both/inner": 404, "both-2": 200} {
		if a := send(t.Context(), s.Client, "GET", "/api"+store+"/"+name, "", nil); a.status != want {
			t.Errorf("after the delete %s is %d", name, a.status)
		}
	}

	t.Run("listings and deletes go beyond a thousand keys", func(t *testing.T) {
		for i := range 1005 {
			if a := send(t.Context(), s.Client, "PUT", fmt.Sprintf("/api%s/many/%04d", store, i), "", nil); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		if a := send(t.Context(), s.Client, "GET", "/api"+store+"?path=many", "", nil); strings.Count(a.body, `"path"`) != 1005 {
			t.Errorf("%d entries", strings.Count(a.body, `"path"`))
		}
		if a := send(t.Context(), s.Client, "DELETE", "/api"+store+"/many", "", nil); a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := send(t.Context(), s.Client, "GET", "/api"+store+"?path=many", "", nil); a.body != "{}" {
			t.Errorf("after the delete: %.200s", a.body)
		}
	})
}
