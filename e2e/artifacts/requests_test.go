package artifacts_test

import (
	"fmt"
	"net/url"
	"strings"
)

// call is one request, below /api or /ajax-api.
type call struct {
	method, path, body string
	headers            map[string]string
}

func (c call) String() string {
	path := c.path
	if len(path) > 160 {
		path = path[:160] + "…"
	}
	s := c.method + " " + path
	if len(c.headers) > 0 {
		s += fmt.Sprint(" ", c.headers)
	}
	return s
}

const store = "/2.0/mlflow-artifacts/artifacts"

// names are what artifacts are called, as they stand in a URL. %25 is decoded again until nothing changes.
func names() []string {
	list := []string{
		"plain.txt", "a/b/c.bin", "MLmodel", "model/MLmodel", "with%20space.txt", "plus+and&amp=.json", "quote'.csv", "double%22quote.txt",
		"gr%C3%B6%C3%9Fe.txt", "%E4%B8%96%E7%95%8C.bin", "%F0%9F%9A%80.png", "e%CC%81.txt", "semi;colon", "a,b", "a=b", "~tilde", "$dollar", "(x)",
		"[brackets]", "star*", "back%5Cslash", "pipe|", "caret^", "back%60tick", "%7Bbrace%7D", "dot.", ".hidden", "...", "..x", "x..", "a..b/c..d",
		"percent%2525.txt", "twice%2541.txt", "thrice%252541", "%2561", "half%25zz", "end%25", "tab%09x", "new%0Aline", "nul%00x", "del%7Fx", "bell%2507",
		"%20leading", "trailing%20", "a%3Fb", "a%3F", "question%3Fa%3Db.txt", "x;", "a/b;c/d;e", "c%3Ax", "Ab%3Acd", "s3%3Akey", "colon%3A",
		"archive.tar.gz", "t.tgz", "page.html", "picture.PNG", "data.parquet", "noextension", "UPPER.TXT", "x.JSON", "script.py3", "conf.hocon", "a.svgz", "x.ipynb",
		"deep/" + strings.Repeat("d/", 20) + "file", strings.Repeat("n", 255), strings.Repeat(strings.Repeat("k", 99)+"/", 8) + "end.txt",
		"empty/.keep", "run/artifacts/model.pkl", "slash//double.txt", "dir/x//y.txt",
	}
	return list
}

// refused are paths that name nothing.
var refused = []string{
	"..", "../x", "a/../b", "a/..", "%2e%2e/x", "..%2fx", "%252e%252e%252fx", "a%2F..%2F..%2Fb", "%2Fetc%2Fpasswd", "/abs", "//two", "a%23b", "%2523x",
	"C%3A/x", "C%3A%5Cx", "%5C%5Cserver%5Cshare", "file%3A///etc/passwd", "file%3Ax", "http%3A//h/x", "x%0A/../y", "....//..",
	"%25252525252525252525252541", "..%5C..", "%2e%2e%5C", "a%00/../b", "%2E%2E", "a/%2e%2e%2fb", "..;/x", ".%2e/x",
}

// writes are uploads and what goes wrong with them.
func writes(root string) []call {
	var calls []call
	for i, name := range names() {
		body := strings.Repeat(fmt.Sprintf("content %d of %s\n", i, name), i%7)
		calls = append(calls, call{"PUT", store + "/" + root + "/" + name, body, nil})
	}
	for _, name := range refused {
		calls = append(calls, call{"PUT", store + "/" + root + "/" + name, "x", nil}, call{"PUT", store + "/" + name, "x", nil})
	}
	for _, name := range []string{"/", "/dir/", "//"} {
		calls = append(calls, call{"PUT", store + "/" + root + name, "x", nil})
	}
	return append(calls,
		call{"PUT", store + "/", "x", nil}, call{"PUT", store, "x", nil}, call{"POST", store + "/" + root + "/plain.txt", "x", nil},
		call{"PUT", store + "/" + root + "/.artifact.uploading.x", "x", nil},
		call{"PUT", store + "/" + root + "/plain.txt/below", "x", nil}, call{"PUT", store + "/" + root + "/a/b", "x", nil},
		call{"PUT", store + "/" + root + "/" + strings.Repeat("n", 256), "x", nil},
		call{"PUT", store + "/" + root + "/over.txt", "first", nil}, call{"PUT", store + "/" + root + "/over.txt", "second, longer", nil},
		call{"PUT", store + "/" + root + "/folder/one", "1", nil}, call{"PUT", store + "/" + root + "/folder/two", "2", nil}, call{"PUT", store + "/" + root + "/folder2/x", "3", nil},
	)
}

// reads look at everything that writes made, and at what is not there.
func reads(root string) []call {
	var calls []call
	get := func(path string) {
		calls = append(calls, call{"GET", store + "/" + path, "", nil}, call{"HEAD", store + "/" + path, "", nil})
	}
	folders := map[string]bool{"": true, "a": true, "folder": true}
	for _, name := range names() {
		get(root + "/" + name)
		calls = append(calls, listing(root+"/"+name))
		if i := strings.LastIndexByte(name, '/'); i > 0 {
			folders[name[:i]] = true
		}
	}
	for folder := range folders {
		path := strings.TrimSuffix(root+"/"+folder, "/")
		get(path)
		calls = append(calls, listing(path), listing(path+"/"))
	}
	for _, name := range refused {
		get(root + "/" + name)
		calls = append(calls, listing(name))
	}
	get("")
	get(root + "/missing")
	get(root + "/folder/missing")
	for _, query := range []string{"", "?", "?path=", "?path=%2E", "?other=1", "?path=" + root + "&path=x", "?path=a+b", "?path=missing/"} {
		calls = append(calls, call{"GET", store + query, "", nil}, call{"HEAD", store + query, "", nil})
	}
	for _, header := range []map[string]string{
		{"Range": "bytes=0-4"}, {"Range": "bytes=5-"}, {"Range": "bytes=-3"}, {"Range": "bytes=0-99999"}, {"Range": "bytes=99999-"}, {"Range": "lines=1-2"},
		{"Range": "bytes=x-y"}, {"Range": "bytes=0-1,3-4"}, {"Range": "bytes=0-0", "If-Range": `"other"`}, {"If-Modified-Since": "Mon, 02 Jan 2006 15:04:05 GMT"},
		{"If-None-Match": "*"}, {"If-Match": `"other"`},
	} {
		calls = append(calls, call{"GET", store + "/" + root + "/over.txt", "", header})
	}
	for _, path := range []string{"/plain.txt", "/a/b", "/missing", "/gr%C3%B6%C3%9Fe.txt", "/double%22quote.txt", "/../x"} {
		calls = append(calls, call{"GET", "/2.0/mlflow-artifacts/presigned/" + root + path, "", nil})
	}
	return append(calls, call{"GET", "/2.0/mlflow-artifacts/presigned", "", nil}, call{"GET", "/2.0/mlflow-artifacts/presigned/", "", nil},
		call{"GET", "/2.0/mlflow-artifacts/nothing", "", nil}, call{"OPTIONS", store + "/" + root + "/plain.txt", "", nil},
		call{"PATCH", store + "/" + root + "/plain.txt", "", nil}, call{"GET", "/3.0/mlflow/server-info", "", nil})
}

// listing asks for what is below a path that is written as in a URL.
func listing(path string) call {
	return call{"GET", store + "?path=" + strings.NewReplacer("&", "%26", ";", "%3B", "+", "%2B").Replace(path), "", nil}
}

// multiparts speak of uploads in parts, of which none exists.
func multiparts(root string) []call {
	mpu := "/2.0/mlflow-artifacts/mpu/"
	json := map[string]string{"Content-Type": "application/json"}
	calls := []call{
		{"POST", mpu + "create/" + root, `{"num_parts": 1}`, json}, {"POST", mpu + "create/" + root, `{"path": 5}`, json},
		{"POST", mpu + "create/" + root, `not json`, json}, {"POST", mpu + "create/" + root, `{"path": "x"}`, map[string]string{"Content-Type": "text/plain"}},
		{"POST", mpu + "create", `{"path": "x", "num_parts": 1}`, json}, {"POST", mpu + "create/", `{"path": "x", "num_parts": 1}`, json},
		{"POST", mpu + "create/../x", `{"path": "x", "num_parts": 1}`, json}, {"POST", mpu + "create/a%2523", `{"path": "x", "num_parts": 1}`, json},
		{"POST", mpu + "complete/" + root, `{"path": "x", "upload_id": "bad"}`, json},
		{"POST", mpu + "complete/" + root, `{"path": "x", "upload_id": "bad", "parts": [{"part_number": 1, "etag": "e"}]}`, json},
		{"POST", mpu + "abort/" + root, `{"path": "x", "upload_id": "bad"}`, json}, {"POST", mpu + "abort/" + root, `{"upload_id": "bad"}`, json},
		{"GET", mpu + "create/" + root, "", nil}, {"POST", mpu + "other/" + root, `{}`, json},
	}
	return calls
}

// deletes take things away, some of them twice.
func deletes(root string) []call {
	var calls []call
	for _, path := range []string{
		"/folder/one", "/folder/one", "/folder", "/missing", "/folder2/", "/over.txt/", "/a", "/dir", "/deep", "/with%20space.txt", "/percent%2525.txt", "/gr%C3%B6%C3%9Fe.txt",
	} {
		calls = append(calls, call{"DELETE", store + "/" + root + path, "", nil})
	}
	for _, name := range refused {
		calls = append(calls, call{"DELETE", store + "/" + root + "/" + name, "", nil})
	}
	return append(calls, call{"DELETE", store + "/" + root + "/...", "", nil}, call{"DELETE", store, "", nil}, call{"DELETE", store + "/", "", nil}, call{"DELETE", store + "?path=" + root, "", nil})
}

// downloads are what a browser asks for.
func downloads(run string) []call {
	var calls []call
	for _, path := range []string{"page.html", "größe.txt", "sub/x.bin", "sub", "", "no", "..", "a#b", "page.html/", "sub/../page.html", "a b"} {
		q := url.Values{"path": {path}, "run_uuid": {run}}.Encode()
		calls = append(calls, call{"GET", "/get-artifact?" + q, "", nil}, call{"HEAD", "/get-artifact?" + q, "", nil})
	}
	return append(calls,
		call{"GET", "/get-artifact?path=page.html&run_id=" + run, "", nil}, call{"GET", "/get-artifact?run_id=" + run, "", nil},
		call{"GET", "/get-artifact?path=page.html", "", nil}, call{"GET", "/get-artifact?path=page.html&run_id=none", "", nil},
		call{"GET", "/get-artifact?path=page.html&run_id=" + run, "", map[string]string{"Range": "bytes=1-2"}},
		call{"POST", "/get-artifact?path=page.html&run_id=" + run, "", nil},
		call{"GET", "/model-versions/get-artifact?path=page.html&name=m&version=1", "", nil},
		call{"GET", "/model-versions/get-artifact?path=no&name=m&version=1", "", nil},
		call{"GET", "/model-versions/get-artifact?path=page.html&name=m&version=2", "", nil},
		call{"GET", "/model-versions/get-artifact?name=m&version=1", "", nil},
	)
}
