package heroku_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder stands between the product and S3, and notes which permission each call needs.
type recorder struct {
	*httptest.Server

	mu      sync.Mutex
	actions map[string]bool
}

func record(t *testing.T, endpoint string) *recorder {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{actions: map[string]bool{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = p.In.Host // it is signed
	}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		for _, action := range needed(request) {
			r.actions[action] = true
		}
		r.mu.Unlock()
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(r.Close)
	return r
}

// used are the permissions that were needed, sorted.
func (r *recorder) used() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for action := range r.actions {
		all = append(all, action)
	}
	slices.Sort(all)
	return all
}

// plain are parameters that ask for no other permission than the call has without them.
var plain = []string{"list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type", "fetch-owner",
	"partNumber", "max-parts", "part-number-marker", "key-marker", "upload-id-marker", "max-uploads", "x-id", "uploads", "uploadId", "delete"}

// needed are the permissions of a call. Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
func needed(r *http.Request) []string {
	query := r.URL.Query()
	for name, action := range map[string]string{
		"versioning": "s3:GetBucketVersioning", "publicAccessBlock": "s3:GetBucketPublicAccessBlock", "versionId": "s3:DeleteObjectVersion",
	} {
		if query.Has(name) && (name != "versionId" || r.Method == http.MethodDelete) {
			return []string{action}
		}
	}
	for name := range query {
		if !slices.Contains(plain, name) && !strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			return []string{"the parameter " + name} // ?tagging, ?acl: a permission of its own, which no policy has under this name
		}
	}
	for _, name := range []string{"X-Amz-Tagging", "X-Amz-Acl", "X-Amz-Copy-Source", "X-Amz-Object-Lock-Mode"} {
		if r.Header.Get(name) != "" {
			return []string{"the header " + name}
		}
	}
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch call := r.Method; {
	case key == "" && call == http.MethodGet && query.Has("uploads"):
		return []string{"s3:ListBucketMultipartUploads"}
	case key == "" && (call == http.MethodGet || call == http.MethodHead):
		return []string{"s3:ListBucket"}
	case key == "" && call == http.MethodPost && query.Has("delete"):
		return []string{"s3:DeleteObject"}
	case key != "" && call == http.MethodGet && query.Has("uploadId"):
		return []string{"s3:ListMultipartUploadParts"}
	case key != "" && (call == http.MethodGet || call == http.MethodHead):
		return []string{"s3:GetObject"}
	case key != "" && (call == http.MethodPut || call == http.MethodPost && (query.Has("uploads") || query.Has("uploadId"))):
		return []string{"s3:PutObject"}
	case key != "" && call == http.MethodDelete && query.Has("uploadId"):
		return []string{"s3:AbortMultipartUpload"}
	case key != "" && call == http.MethodDelete:
		return []string{"s3:DeleteObject"}
	}
	return []string{r.Method + " " + r.URL.RequestURI()}
}
