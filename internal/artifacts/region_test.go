package artifacts

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/internal/config"
)

// amazon plays Amazon's S3 for one bucket: it tells the bucket's region to whoever asks, and lists to those who come to
// that region with a signature for it.
type amazon struct {
	region string

	mu      sync.Mutex
	deaf    bool
	heads   int
	refused []string
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := &http.Response{StatusCode: 200, Request: r, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}
	here := strings.HasSuffix(r.URL.Host, ".s3."+a.region+".amazonaws.com") && strings.Contains(r.Header.Get("Authorization"), "/"+a.region+"/s3/")
	switch {
	case r.Method == http.MethodHead && a.deaf:
		a.heads++
		answer.StatusCode = 503
	case r.Method == http.MethodHead:
		a.heads++
		answer.Header.Set("X-Amz-Bucket-Region", a.region)
		if !here {
			answer.StatusCode = 301
		}
	case here:
		answer.Body = io.NopCloser(strings.NewReader(`<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`))
	default:
		a.refused = append(a.refused, r.URL.Host)
		answer.StatusCode = 301
		answer.Body = io.NopCloser(strings.NewReader(`<Error><Code>PermanentRedirect</Code></Error>`))
	}
	return answer, nil
}

func TestTheBucketsRegionIsFoundOutOnceAndUsedForEverything(t *testing.T) {
	// No settings of whoever runs the test, and no questions to a machine's role.
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for name, c := range map[string]struct {
		configured, is string
		deaf           bool
		works          bool
	}{
		"nobody says where it is":                           {"", "eu-west-1", false, true},
		"somebody is wrong about it":                        {"us-west-2", "eu-central-1", false, true},
		"it is where it is said to be":                      {"eu-west-1", "eu-west-1", false, true},
		"it cannot be found out, but what is said is right": {"eu-west-1", "eu-west-1", true, true},
		"it cannot be found out":                            {"", "eu-west-1", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s3 := &amazon{region: c.is, deaf: c.deaf}
			room, err := New(Options{
				Artifacts: config.Artifacts{Kind: config.S3}, MLflow: &fakeMLflow{}, Log: slog.New(slog.DiscardHandler), transport: s3,
				Service: config.ArtifactService{MaxTransfers: 4, DownloadURLTime: time.Hour,
					S3: config.Bucket{Name: "bucket", Region: c.configured, AccessKey: "id", SecretKey: "secret"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = room.Close(context.Background()) }()
			for range 3 {
				if err := room.Reach(t.Context()); (err == nil) != c.works {
					t.Errorf("%v, refused at %v", err, s3.refused)
				}
			}
			store := room.store.(*s3Store)
			if url, _, err := store.presignGet(t.Context(), "x"); c.works && !c.deaf && (err != nil || !strings.Contains(url, "."+c.is+".amazonaws.com/x") || !strings.Contains(url, "X-Amz-Expires=3600")) {
				t.Errorf("%s %v", url, err)
			}
		})
	}
}
