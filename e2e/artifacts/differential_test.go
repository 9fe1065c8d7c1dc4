package artifacts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// pair is MLflow answering by itself, with no gate before it, and the native room behind a gate, on one store.
type pair struct {
	kind           string
	mlflow         harness.Client // on its own socket
	gated          harness.Client // what prepares the store with it
	native         native
	dir            string // where the store's files lie
	calls, differ  int
	rows           map[string]int
	mlflowInstance *harness.Instance
}

func bucketPair(t *testing.T) *pair {
	t.Helper()
	bucket := harness.S3(t)
	env := bucket.Environment("pre/fix")
	env["MLFLOW_S3_PUBLIC_ENDPOINT_URL"] = bucket.Endpoint
	return newPair(t, "s3", env, filepath.Join(bucket.Dir, "pre/fix"))
}

func directoryPair(t *testing.T) *pair {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "artifacts")
	return newPair(t, "directory", map[string]string{"MLFLOW_ARTIFACT_URI": dir}, dir)
}

func newPair(t *testing.T, kind string, env map[string]string, dir string) *pair {
	t.Helper()
	proxied := maps.Clone(env)
	proxied["MLFLOW_NATIVE_ARTIFACTS"] = "false"
	proxied["WEB_CONCURRENCY"] = "1"
	server := harness.Start(t, harness.Options{Env: proxied})
	return &pair{kind: kind, mlflow: bare(t, server), gated: server.Client, native: serve(t, server.Client, env), dir: dir, rows: map[string]int{}, mlflowInstance: server}
}

// compare sends a request to both. The native one gets it with every "m/" of the store written as "n/" where apart says
// so, since both cannot write the same file.
func (p *pair) compare(t *testing.T, prefix string, c call, apart bool) {
	t.Helper()
	m := send(t.Context(), p.mlflow, c.method, prefix+c.path, c.body, c.headers)
	for range 3 {
		if m.status != http.StatusBadGateway {
			break // MLflow closes a connection after it has failed on an upload, which the next request on it feels
		}
		m = send(t.Context(), p.mlflow, c.method, prefix+c.path, c.body, c.headers)
	}
	nc := c
	if apart {
		nc.path = strings.ReplaceAll(c.path, "/m/", "/n/")
		if before, ok := strings.CutSuffix(nc.path, "/m"); ok {
			nc.path = before + "/n"
		}
	}
	n := send(t.Context(), p.native.Client, nc.method, prefix+nc.path, nc.body, nc.headers)
	if apart {
		n.body = strings.ReplaceAll(strings.ReplaceAll(n.body, "'n/", "'m/"), `"n/`, `"m/`)
	}
	m.body, n.body = normal(m.body), normal(n.body)
	p.calls++
	row, equal := judge(p.kind, c, m, n)
	switch {
	case equal:
	case row != "":
		p.differ++
		p.rows[row]++
	default:
		t.Errorf("%s\nMLflow: %d %v %.300q %v\nnative: %d %v %.300q %v", c, m.status, m.header, m.body, m.err, n.status, n.header, n.body, n.err)
	}
}

// What a signature makes different: time, and the order in which two libraries write a query.
var (
	signed   = regexp.MustCompile(`\?[^" ]*X-Amz-Signature[^" ]*`)
	uploadID = regexp.MustCompile(`"upload_id": "[^"]*"`)
)

func normal(body string) string {
	body = uploadID.ReplaceAllString(body, `"upload_id": "ID"`)
	return signed.ReplaceAllStringFunc(body, func(query string) string {
		pairs := strings.Split(query[1:], "&")
		var kept []string
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			switch name {
			case "X-Amz-Signature", "X-Amz-Date", "X-Amz-Credential", "X-Amz-Content-Sha256", "x-id", "uploadId":
			default:
				kept = append(kept, strings.ToLower(name)+"="+value)
			}
		}
		slices.Sort(kept)
		return "?" + strings.Join(kept, "&")
	})
}

func (p *pair) run(t *testing.T) {
	for _, step := range []struct {
		name  string
		calls []call
		apart bool
	}{
		{"writes", writes("m"), true},
		{"reads", reads("m"), false},
		{"reads of what the other wrote", everyThird(reads("n")), false},
		{"uploads in parts", multiparts("m"), false},
		{"deletes", deletes("m"), true},
		{"reads after the deletes", reads("m")[:60], true},
	} {
		t.Run(step.name, func(t *testing.T) {
			for i, c := range step.calls {
				prefix := []string{"/api", "/ajax-api"}[i%2]
				if c.method == "PUT" && ambiguous(c.path) {
					p.forgetting(t, func() { p.compare(t, prefix, c, step.apart) })
				} else {
					p.compare(t, prefix, c, step.apart)
				}
			}
		})
		if step.apart {
			t.Run("after the "+step.name+" both have stored the same", func(t *testing.T) {
				m, n := tree(t, filepath.Join(p.dir, "m")), tree(t, filepath.Join(p.dir, "n"))
				for path := range union2(m, n) {
					if m[path] != n[path] {
						t.Errorf("%s: MLflow has %q, native %q", path, m[path], n[path])
					}
				}
				t.Logf("%d files", len(m))
			})
		}
	}
	t.Run("downloads of runs and versions", func(t *testing.T) {
		run := p.prepareRun(t)
		for _, c := range downloads(run) {
			p.compare(t, "", c, false)
		}
	})
	t.Run("the whole store at once", func(t *testing.T) {
		p.compare(t, "/api", call{"GET", store + "?path=m", "", nil}, true)
		n := send(t.Context(), p.native.Client, "DELETE", "/api"+store+"/.", "", nil)
		if n.status != 400 || len(tree(t, filepath.Join(p.dir, "n"))) == 0 {
			t.Errorf("%d %s", n.status, n.body)
		}
		p.compare(t, "/api", call{"DELETE", store + "/.", "", nil}, false)
	})
	t.Logf("%d requests, %d answers meant to be better", p.calls, p.differ)
	for _, b := range better {
		if b.where == p.kind || b.where == "" {
			if p.rows[b.name] == 0 && b.where != "" {
				t.Errorf("no request shows that %s", b.name)
			}
			t.Logf("%4d × %s", p.rows[b.name], b.name)
		}
	}
}

func everyThird(calls []call) []call {
	var some []call
	for i := 0; i < len(calls); i += 3 {
		some = append(some, calls[i])
	}
	return some
}

// prepareRun makes a run and a version of a model with files, and returns the run's id.
func (p *pair) prepareRun(t *testing.T) string {
	t.Helper()
	post := func(path, body string) map[string]any {
		a := send(t.Context(), p.gated, "POST", "/api/2.0/mlflow/"+path, body, map[string]string{"Content-Type": "application/json"})
		var decoded map[string]any
		if err := json.Unmarshal([]byte(a.body), &decoded); a.status != 200 || err != nil {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		return decoded
	}
	id := post("experiments/create", `{"name":"e"}`)["experiment_id"].(string)
	info := post("runs/create", `{"experiment_id":"`+id+`"}`)["run"].(map[string]any)["info"].(map[string]any)
	root := strings.TrimPrefix(info["artifact_uri"].(string), "mlflow-artifacts:/")
	for _, name := range []string{"page.html", "gr%C3%B6%C3%9Fe.txt", "sub/x.bin", "a%20b"} {
		if a := send(t.Context(), p.native.Client, "PUT", "/api"+store+"/"+root+"/"+name, "<script>"+name, nil); a.status != 200 {
			t.Fatalf("%s: %d %s", name, a.status, a.body)
		}
	}
	post("registered-models/create", `{"name":"m"}`)
	post("model-versions/create", `{"name":"m","source":"`+info["artifact_uri"].(string)+`","run_id":"`+info["run_id"].(string)+`"}`)
	return info["run_id"].(string)
}

func union2(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return all
}

// tree is every file below a directory, with a hash of what it holds.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(content)
		files[rel] = hex.EncodeToString(sum[:8])
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return files
}

func TestAnswersOnS3AreMLflowsOrBetter(t *testing.T) {
	t.Parallel()
	bucketPair(t).run(t)
}

func TestAnswersOnADirectoryAreMLflowsOrBetter(t *testing.T) {
	t.Parallel()
	directoryPair(t).run(t)
}
