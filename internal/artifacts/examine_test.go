package artifacts

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mlflow-server/internal/config"
)

// bucketOf plays a bucket: what it is asked is answered by the first of the answers whose call it is, or as S3 does it.
type bucketOf struct {
	*httptest.Server

	mu      sync.Mutex
	objects map[string]string
	headers map[string]http.Header // of the requests, by call
	answers map[string]func(w http.ResponseWriter, r *http.Request)
}

func playBucket(t *testing.T, answers map[string]func(w http.ResponseWriter, r *http.Request)) *bucketOf {
	t.Helper()
	b := &bucketOf{objects: map[string]string{}, headers: map[string]http.Header{}, answers: answers}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// callOf names a request: list, put, get, head, remove, delete version, delete, versioning or public access.
func callOf(r *http.Request) string {
	q := r.URL.Query()
	switch {
	case q.Has("versioning"):
		return "versioning"
	case q.Has("publicAccessBlock"):
		return "public access"
	case q.Has("list-type"):
		return "list"
	case q.Has("delete"):
		return "remove"
	case q.Has("versionId"):
		return "delete version"
	}
	return strings.ToLower(r.Method)
}

func (b *bucketOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := callOf(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.headers[call] = r.Header
	if answer := b.answers[call]; answer != nil {
		answer(w, r)
		return
	}
	switch call {
	case "list":
		fmt.Fprint(w, "<ListBucketResult><IsTruncated>false</IsTruncated>")
		for key := range b.objects {
			if strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
				fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>5</Size></Contents>", key)
			}
		}
		fmt.Fprint(w, "</ListBucketResult>")
	case "put":
		body, _ := io.ReadAll(r.Body)
		b.objects[strings.TrimPrefix(r.URL.Path, "/b/")] = string(body)
	case "get":
		fmt.Fprint(w, b.objects[strings.TrimPrefix(r.URL.Path, "/b/")])
	case "delete":
		delete(b.objects, strings.TrimPrefix(r.URL.Path, "/b/"))
	case "remove":
		clear(b.objects)
		fmt.Fprint(w, "<DeleteResult></DeleteResult>")
	case "versioning":
		fmt.Fprint(w, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
	case "public access":
		fmt.Fprint(w, "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"+
			"<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>")
	}
}

// refuse answers with an error of S3's.
func refuse(status int, code string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>a message</Message></Error>", code)
	}
}

// examined are the findings about a bucket at an endpoint, each "state text → fix" by its check.
func examined(t *testing.T, endpoint string, limit time.Duration, change ...func(*config.Bucket)) map[string]string {
	t.Helper()
	b := config.Bucket{Name: "b", Prefix: "in/here", Endpoint: endpoint, Region: "us-east-1", AccessKey: "k", SecretKey: "s"}
	for _, c := range change {
		c(&b)
	}
	found := map[string]string{}
	for _, f := range examine(t.Context(), Options{Artifacts: config.Artifacts{Kind: config.S3}, Service: config.ArtifactService{S3: b}}, false, limit).Findings {
		if _, twice := found[f.Check]; twice {
			t.Errorf("%s is told twice", f.Check)
		}
		found[f.Check] = f.State + " " + f.Text + " → " + f.Fix
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%q", found)
		}
	})
	return found
}

// perObject is an answer that is good but for each of the objects in it.
func perObject(code string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<DeleteResult><Error><Key>k</Key><Code>%s</Code><Message>a message</Message></Error></DeleteResult>", code)
	}
}

const plenty = time.Minute // for a store that answers

func TestAnExaminationFindsWhatUsersWillMeet(t *testing.T) {
	type answers = map[string]func(http.ResponseWriter, *http.Request)
	versioned := func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Amz-Version-Id", "v1") }
	for name, tt := range map[string]struct {
		answers answers
		want    map[string]string // "" is nothing
		left    int
	}{
		"all is well": {nil, map[string]string{"bucket: list": "ok  → ", "bucket: put": "ok  → ", "bucket: get": "ok  → ",
			"bucket: delete": "ok  → ", versioningCheck: "ok on", publicCheck: "ok blocked"}, 0},
		"something else is read than was written": {answers{"get": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "other") }},
			map[string]string{"bucket: get": "fail what is read (5 bytes) is not what was written (5 bytes) → find out what", "bucket: delete": "ok"}, 0},
		"writing is denied": {answers{"put": refuse(403, "AccessDenied")},
			map[string]string{"bucket: put": "fail AccessDenied: a message → allow s3:PutObject on it to the user of AWS_ACCESS_KEY_ID",
				"bucket: get": "", "bucket: delete": "", versioningCheck: "ok on"}, 0},
		"listing is denied, by which the server deletes": {answers{"list": refuse(403, "AccessDenied")},
			map[string]string{"bucket: list": "fail", "bucket: put": "ok", "bucket: delete": "fail AccessDenied: a message → allow s3:ListBucket and s3:DeleteObject"}, 0},
		"deleting is denied": {answers{"remove": refuse(403, "AccessDenied"), "delete": refuse(403, "AccessDenied")},
			map[string]string{"bucket: delete": "fail in/here/.mlflow-server-probe-"}, 1},
		"deleting is denied, object by object as Amazon's S3 does it": {answers{"remove": perObject("AccessDenied"), "delete": refuse(403, "AccessDenied")},
			map[string]string{"bucket: delete": "→ allow s3:DeleteObject on it", versioningCheck: "ok on"}, 1},
		"deleting fails, object by object": {answers{"remove": perObject("InternalError")},
			map[string]string{"bucket: delete": "fail InternalError: a message → ", versioningCheck: "ok on"}, 0},
		"versions are kept, and it cannot be deleted as the server does it": {answers{"put": versioned, "list": refuse(403, "AccessDenied"), "delete version": refuse(403, "AccessDenied")},
			map[string]string{"bucket: delete": "fail a version of in/here/.mlflow-server-probe-"}, 0},
		"settings that nobody gets with these keys": {answers{"versioning": refuse(403, "SignatureDoesNotMatch"), "public access": refuse(503, "SlowDown")},
			map[string]string{versioningCheck: "warn cannot be read: SignatureDoesNotMatch: a message → correct AWS_ACCESS_KEY_ID", publicCheck: "warn cannot be read: "}, 0},
		"there is no such bucket": {answers{"list": refuse(404, "NoSuchBucket")},
			map[string]string{"bucket: list": "fail NoSuchBucket: a message → correct the bucket's name", "bucket: put": "", versioningCheck: ""}, 0},
		"the keys are wrong": {answers{"list": refuse(403, "SignatureDoesNotMatch")},
			map[string]string{"bucket: list": "→ correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "bucket: put": ""}, 0},
		"it is no store": {answers{"list": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><p>welcome") }},
			map[string]string{"bucket: list": "→ correct MLFLOW_S3_ENDPOINT_URL", "bucket: put": ""}, 0},
		"the keys may not look at settings": {answers{"versioning": refuse(403, "AccessDenied"), "public access": refuse(403, "AccessDenied")},
			map[string]string{versioningCheck: "ok not known: these keys may not look → allow s3:GetBucketVersioning to have this checked",
				publicCheck: "ok not known: these keys may not look → allow s3:GetBucketPublicAccessBlock"}, 0},
		"the service has no such settings": {answers{"versioning": refuse(501, "NotImplemented"), "public access": refuse(501, "NotImplemented")},
			map[string]string{versioningCheck: "warn this service says that it has none", publicCheck: "ok this service has no block of it (NotImplemented"}, 0},
		"versions are kept, and may not be deleted": {answers{"put": versioned, "delete version": refuse(403, "AccessDenied")},
			map[string]string{"bucket: delete": "ok the bucket keeps versions: one of in/here/.mlflow-server-probe-"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := playBucket(t, tt.answers)
			found := examined(t, b.URL, plenty)
			for check, want := range tt.want {
				if got := found[check]; !strings.Contains(got, want) || want == "" && got != "" {
					t.Errorf("%s: %q, want %q", check, got, want)
				}
			}
			if len(b.objects) != tt.left {
				t.Errorf("it left %v", b.objects)
			}
		})
	}
}

func TestAnExaminationRemovesTheVersionsThatItMade(t *testing.T) {
	t.Parallel()
	var deleted []string
	b := playBucket(t, map[string]func(http.ResponseWriter, *http.Request){
		"put": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Amz-Version-Id", "v1") },
		"get": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "probe") },
		"head": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amz-Version-Id", "mark")
			w.Header().Set("X-Amz-Delete-Marker", "true")
			w.WriteHeader(http.StatusNotFound)
		},
		"delete version": func(w http.ResponseWriter, r *http.Request) {
			deleted = append(deleted, r.URL.Query().Get("versionId"))
			w.WriteHeader(http.StatusNoContent)
		},
	})
	found := examined(t, b.URL, plenty)
	if found["bucket: delete"] != "ok  → " || strings.Join(deleted, " ") != "v1 mark" {
		t.Errorf("%q, deleted %v", found["bucket: delete"], deleted)
	}
}

func TestAnExaminationWritesAsUploadsAreWritten(t *testing.T) {
	t.Parallel()
	b := playBucket(t, nil)
	examined(t, b.URL, plenty, func(b *config.Bucket) {
		b.BucketOwner = "111122223333"
		b.UploadArgs = config.UploadArgs{ServerSideEncryption: "aws:kms", SSEKMSKeyId: "the-key"}
	})
	put := b.headers["put"]
	if put.Get("X-Amz-Server-Side-Encryption") != "aws:kms" || put.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") != "the-key" {
		t.Errorf("the upload arguments are missing: %v", put)
	}
	for _, call := range []string{"list", "put", "get", "remove", "versioning", "public access"} {
		if b.headers[call].Get("X-Amz-Expected-Bucket-Owner") != "111122223333" {
			t.Errorf("%s does not name the bucket's owner: %v", call, b.headers[call])
		}
	}
}

func TestAStoreThatNeverAnswersIsTold(t *testing.T) {
	const soon = 300 * time.Millisecond
	want := func(t *testing.T, found map[string]string) {
		if got := found["bucket: list"]; !strings.HasPrefix(got, "fail no answer within 0 s → correct MLFLOW_S3_ENDPOINT_URL") || len(found) != 1 {
			t.Errorf("%q", found)
		}
	}
	t.Run("it accepts and says nothing", func(t *testing.T) {
		t.Parallel()
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // the kernel accepts; nobody reads
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		want(t, examined(t, "http://"+listener.Addr().String(), soon))
	})
	t.Run("it stops answering when it has stored something", func(t *testing.T) {
		t.Parallel()
		b := playBucket(t, map[string]func(http.ResponseWriter, *http.Request){
			"get": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		})
		found := examined(t, b.URL, 5*time.Second)
		if !strings.HasPrefix(found["bucket: get"], "fail no answer within 5 s → ") || found[versioningCheck] != "" ||
			!strings.HasPrefix(found["bucket: delete"], "warn not tried: in/here/.mlflow-server-probe-") {
			t.Errorf("%q", found)
		}
	})
}

func TestSettingsThatCannotBeReadAreTold(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	found := examined(t, "http://127.0.0.1:1", plenty, func(b *config.Bucket) { b.Profile, b.AccessKey, b.SecretKey = "nobody", "", "" })
	if !strings.HasPrefix(found["bucket"], "fail ") || !strings.Contains(found["bucket"], "nobody") || !strings.Contains(found["bucket"], "→ correct the AWS settings") {
		t.Errorf("%q", found)
	}
}
