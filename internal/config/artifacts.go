package config

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const artifactVariable = "MLFLOW_ARTIFACT_URI"

// ArtifactKind is a kind of artifact store.
type ArtifactKind string

// The kinds of artifact store that the runtime supports.
const (
	S3        ArtifactKind = "s3"
	Directory ArtifactKind = "directory"
)

// Artifacts is where MLflow keeps files.
type Artifacts struct {
	// Kind is S3 or Directory.
	Kind ArtifactKind
	// URI is what MLflow's --artifacts-destination takes: s3://bucket/prefix or an absolute path.
	URI string
	// Path is the absolute path of a Directory, empty for S3. It differs from URI where MLflow would decode a %.
	Path string
}

var (
	uriScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)
	// bucketName allows what S3 allowed for old buckets and what other S3 services allow; the point is to refuse
	// user:password@host and host:port.
	bucketName = regexp.MustCompile(`^[A-Za-z0-9._-]{3,255}$`)
)

// knownSchemes are what MLflow has artifact stores for. Other than S3 they need packages that the runtime leaves out, or
// would make this server a client of another one.
var knownSchemes = []string{"gs", "wasb", "wasbs", "abfs", "abfss", "hdfs", "viewfs", "dbfs", "r2", "b2", "ftp", "sftp", "http",
	"https", "mlflow-artifacts", "runs", "models", "databricks"}

// artifacts reads the artifact store. No problem quotes the URI, since some kinds carry a password.
func (r *reader) artifacts(dataDir string) Artifacts {
	uri := r.value(artifactVariable)
	if _, ok := r.set(artifactVariable); !ok && r.profile.local {
		uri = filepath.Join(dataDir, "mlruns") // all data in one directory, wherever that is
	}
	if strings.ContainsFunc(uri, unicode.IsControl) {
		// Python's urlsplit leaves out line breaks and tabs: MLflow would look elsewhere than this server.
		r.reject(artifactVariable, "holds a line break or another control character")
		return Artifacts{}
	}
	match := uriScheme.FindStringSubmatch(uri)
	if match == nil {
		return r.artifactDirectory(uri)
	}
	scheme, rest := strings.ToLower(match[1]), uri[len(match[0]):]
	switch {
	case scheme == "s3":
		return r.artifactBucket(rest)
	case scheme == "file":
		return r.artifactFileURI(rest)
	case slices.Contains(knownSchemes, scheme):
		r.reject(artifactVariable, "artifacts on %s: are not supported by this runtime, only s3://bucket/prefix or a directory", scheme)
	default:
		r.reject(artifactVariable, "is neither s3://bucket/prefix nor a directory (a path with a colon begins with ./ or /)")
	}
	return Artifacts{}
}

// artifactBucket takes what follows "s3:". MLflow cuts the key prefix at ? and #, and would not find it again.
func (r *reader) artifactBucket(rest string) Artifacts {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
	switch {
	case !strings.HasPrefix(rest, "//") || bucket == "":
		r.reject(artifactVariable, "names no bucket; the form is s3://bucket/prefix")
	case !bucketName.MatchString(bucket):
		r.reject(artifactVariable, "its bucket is not a bucket name (3 or more letters, digits, dots, hyphens); the form is s3://bucket/prefix")
	case strings.ContainsAny(prefix, "?#") || slices.Contains(strings.Split(prefix, "/"), ".."):
		r.reject(artifactVariable, "its prefix holds ?, # or a .. segment")
	default:
		return Artifacts{Kind: S3, URI: "s3:" + rest}
	}
	return Artifacts{}
}

// artifactFileURI takes what follows "file:": an absolute path with %XX in it, on this machine.
func (r *reader) artifactFileURI(rest string) Artifacts {
	u, err := url.Parse("file:" + rest)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasPrefix(u.Path, "/") ||
		(u.Host != "" && u.Host != "localhost") {
		r.reject(artifactVariable, "is not a file URI of this machine; the form is file:///absolute/path")
		return Artifacts{}
	}
	return r.artifactDirectory(u.Path)
}

func (r *reader) artifactDirectory(path string) Artifacts {
	abs := r.absolute(artifactVariable, path)
	if abs == "" {
		return Artifacts{}
	}
	r.mustAllowDirectory(artifactVariable, abs)
	// MLflow decodes %XX in a plain path as well (mlflow.utils.file_utils.local_file_uri_to_path).
	return Artifacts{Kind: Directory, URI: escapedPercent.ReplaceAllString(abs, "%25$1"), Path: abs}
}
