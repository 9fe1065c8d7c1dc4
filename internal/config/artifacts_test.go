package config

import (
	"os"
	"strings"
	"testing"
)

func TestArtifactStores(t *testing.T) {
	for given, want := range map[string]Artifacts{
		"s3://bucket":             {S3, "s3://bucket", ""},
		"s3://my-bucket.1/a/b c/": {S3, "s3://my-bucket.1/a/b c/", ""},
		"S3://Old_Bucket/%41":     {S3, "s3://Old_Bucket/%41", ""},
		"/srv/art":                {Directory, "/srv/art", "/srv/art"},
		"/srv/../a//b/":           {Directory, "/a/b", "/a/b"},
		"file:///srv/a%20b%2541":  {Directory, "/srv/a b%2541", "/srv/a b%41"},
		"file:/srv/art":           {Directory, "/srv/art", "/srv/art"},
		"file://localhost/art":    {Directory, "/art", "/art"},
		"/100%/50%41/a#b?c":       {Directory, "/100%/50%2541/a#b?c", "/100%/50%41/a#b?c"},
		"rel":                     {Directory, "DIR/rel", "DIR/rel"},
		"./a:b":                   {Directory, "DIR/a:b", "DIR/a:b"},
	} {
		c := mustLoad(t, Serve, map[string]string{artifactVariable: given})
		dir := workingDirectory(t)
		want.URI, want.Path = strings.Replace(want.URI, "DIR", dir, 1), strings.Replace(want.Path, "DIR", dir, 1)
		if c.Artifacts != want {
			t.Errorf("%s: got %+v, want %+v", given, c.Artifacts, want)
		}
	}
	if entries, _ := os.ReadDir("."); len(entries) != 0 {
		t.Errorf("loading made %v", entries)
	}
}

func TestArtifactStoresThatAreRefused(t *testing.T) {
	for given, want := range map[string]string{
		"s3://":                                "names no bucket",
		"s3:///prefix":                         "names no bucket",
		"s3:bucket":                            "names no bucket",
		"s3://key:hunter2@bucket/x":            "its bucket is not a bucket name",
		"s3://host:9000/bucket":                "its bucket is not a bucket name",
		"s3://ab/x":                            "its bucket is not a bucket name",
		"s3://bucket?x=hunter2":                "its bucket is not a bucket name",
		"s3://bucket/a?b":                      "its prefix holds",
		"s3://bucket/a#b":                      "its prefix holds",
		"s3://bucket/../other":                 "its prefix holds",
		"s3://bucket/prefix\n":                 "holds a line break",
		"s3://bucket/a\tb":                     "holds a line break",
		"./mlruns\n":                           "holds a line break",
		"file://host/path":                     "is not a file URI of this machine",
		"file:relative":                        "is not a file URI of this machine",
		"file:///a?b":                          "is not a file URI of this machine",
		"gs://bucket":                          "artifacts on gs: are not supported by this runtime",
		"wasbs://c@a.blob.core.windows.net/":   "artifacts on wasbs: are not supported by this runtime",
		"abfss://c@a.dfs.core.windows.net/":    "artifacts on abfss: are not supported by this runtime",
		"hdfs://namenode:9000/path":            "artifacts on hdfs: are not supported by this runtime",
		"dbfs:/path":                           "artifacts on dbfs: are not supported by this runtime",
		"ftp://user:hunter2@host/":             "artifacts on ftp: are not supported by this runtime",
		"HTTPS://user:hunter2@host/api":        "artifacts on https: are not supported by this runtime",
		"mlflow-artifacts:/":                   "artifacts on mlflow-artifacts: are not supported by this runtime",
		"hunter2://x":                          "is neither s3://bucket/prefix nor a directory",
		os.DevNull:                             os.DevNull + " is not a directory",
		os.DevNull + "/below":                  os.DevNull + " is not a directory",
		"file://" + os.DevNull + "/also/below": os.DevNull + " is not a directory",
	} {
		line := mustReject(t, map[string]string{artifactVariable: given})
		if !strings.HasPrefix(line, artifactVariable+": "+want) || strings.Contains(line, "hunter2") {
			t.Errorf("%s: %s", given, line)
		}
	}
}

func TestTheS3EndpointIsAURL(t *testing.T) {
	for _, endpoint := range []string{"http://127.0.0.1:7070", "https://s3.example.com", "https://s3.example.com/"} {
		mustLoad(t, Serve, map[string]string{"MLFLOW_S3_ENDPOINT_URL": endpoint})
	}
	for _, endpoint := range []string{"s3.example.com", "s3.example.com:443", "https://", "https://key:hunter2@host", "ftp://host", "https://%zz"} {
		line := mustReject(t, map[string]string{"MLFLOW_S3_ENDPOINT_URL": endpoint})
		if !strings.HasPrefix(line, "MLFLOW_S3_ENDPOINT_URL: ") || strings.Contains(line, "hunter2") {
			t.Errorf("%s: %s", endpoint, line)
		}
	}
}
