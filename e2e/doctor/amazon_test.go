package doctor

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/terraform/cloud"
)

func TestTheDoctorTellsWhatAmazonsBucketsAreLike(t *testing.T) {
	t.Parallel()
	moto := cloud.StartMoto(t)
	prepare := func(bucket, more string) {
		t.Helper()
		if out, err := moto.Python(t, "import boto3\ns3 = boto3.client('s3')\nbucket = '"+bucket+"'\ns3.create_bucket(Bucket=bucket)\n"+more, nil); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	prepare("plain", "")
	prepare("careful", `s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
    "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})`)
	prepare("half", `s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
    "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True})`)
	env := func(bucket, endpoint string) map[string]string {
		return map[string]string{
			"MLFLOW_ARTIFACT_URI": "s3://" + bucket + "/prefix", "MLFLOW_S3_ENDPOINT_URL": endpoint,
			"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1",
		}
	}
	for bucket, want := range map[string]map[string]string{
		"plain":   {"bucket: versioning": "warn off", "bucket: public access": "warn not blocked", "clock": "ok agrees with the bucket's"},
		"careful": {"bucket: versioning": "ok on", "bucket: public access": "ok blocked", "bucket: put": "ok"},
		"half":    {"bucket: public access": "warn not blocked"},
	} {
		t.Run(bucket, func(t *testing.T) { finds(t, examine(t, env(bucket, moto.URL)), want) })
	}
	// What this server does itself is looked at above; here MLflow serves artifacts.
	t.Run("where MLflow serves artifacts", func(t *testing.T) {
		env, seen := env("careful", ""), recordHeaders(t, moto.URL)
		env["MLFLOW_S3_ENDPOINT_URL"], env["MLFLOW_NATIVE_ARTIFACTS"] = seen.url, "false"
		env["MLFLOW_S3_UPLOAD_EXTRA_ARGS"], env["MLFLOW_S3_EXPECTED_BUCKET_OWNER"] = `{"StorageClass": "STANDARD_IA"}`, "123456789012"
		finds(t, examine(t, env), map[string]string{"bucket: put": "ok", "bucket: get": "ok", "bucket: delete": "ok", "bucket: versioning": "ok on"})
		if put := seen.of("PUT"); put.Get("X-Amz-Storage-Class") != "STANDARD_IA" || put.Get("X-Amz-Expected-Bucket-Owner") != "123456789012" {
			t.Errorf("an object is written with %v", put)
		}
		if get := seen.of("GET"); get.Get("X-Amz-Expected-Bucket-Owner") != "123456789012" {
			t.Errorf("it is asked with %v", get)
		}
	})
	left, err := moto.Python(t, `import boto3
answer = boto3.client("s3").list_object_versions(Bucket="careful")
print([v["Key"] for v in answer.get("Versions", []) + answer.get("DeleteMarkers", [])])`, nil)
	if err != nil || strings.TrimSpace(left) != "[]" {
		t.Errorf("it left %s %v", left, err)
	}
	t.Run("at another time", func(t *testing.T) {
		found := examine(t, env("plain", fromAnHourAgo(t, moto.URL)))
		finds(t, found, map[string]string{"clock": "s from the bucket's"})
		if !strings.HasPrefix(found["clock"], "fail 3") {
			t.Errorf("clock: %q", found["clock"])
		}
	})
}

// headers are those with which a store was last asked for an object of the doctor's, by method.
type headers struct {
	url string

	mu  sync.Mutex
	all map[string]http.Header
}

func (h *headers) of(method string) http.Header {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[method]
}

// recordHeaders passes requests on and remembers their headers.
func recordHeaders(t *testing.T, target string) *headers {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	h := &headers{all: map[string]http.Header{}}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if strings.Contains(r.In.URL.Path, "/.mlflow-server-probe-") {
			h.all[r.In.Method] = r.In.Header
		}
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// fromAnHourAgo passes requests on and dates the answers back, as a server does beside a machine whose clock is ahead.
func fromAnHourAgo(t *testing.T, target string) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			return nil
		},
	}}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}
