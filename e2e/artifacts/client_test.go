package artifacts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// groups are the client's exercises that have to do with files.
var groups = []string{"artifacts_up_and_down", "artifacts_overwritten_and_deleted", "artifact_names", "big_artifact", "browser_download"}

func TestTheRealClientWorksOnS3(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	server := harness.Start(t, harness.Options{Env: bucket.Environment("deep/er")})
	harness.Exercise(t, server.Client, groups...)

	t.Run("through the server, which offers no URLs of a store on loopback", func(t *testing.T) {
		out, err := harness.PythonSource(t, server.Client, directly+"assert not urls, urls\n")
		if err != nil {
			t.Errorf("%v\n%s", err, harness.Tail(out, 20))
		}
	})
	t.Run("no key is in the log or in a process list", func(t *testing.T) {
		for command := range server.CommandLines() {
			if strings.Contains(command, bucket.SecretKey) {
				t.Errorf("the secret key is in the command line %q", command)
			}
		}
		if strings.Contains(server.Log(), bucket.SecretKey) || strings.Contains(server.Log(), "X-Amz-Signature") {
			t.Error("a key or a signed URL is in the log")
		}
	})
	server.Stop()
	if left, _ := filepath.Glob(filepath.Join(server.Dir, ".artifact-uploads-*")); len(left) > 0 {
		t.Errorf("notes about uploads are left: %v", left)
	}
}

func TestTheRealClientGoesToTheStoreWhereItCanReachIt(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	env := bucket.Environment("")
	env["MLFLOW_S3_PUBLIC_ENDPOINT_URL"] = bucket.Endpoint
	server := harness.Start(t, harness.Options{Env: env})
	out, err := harness.PythonSource(t, server.Client, directly+"assert len(urls) == 4, urls\n")
	if err != nil {
		t.Errorf("%v\n%s", err, harness.Tail(out, 20))
	}
	server.WaitLog("action=multipart-complete")
}

// directly sends and fetches a file in parts, as the client does it by itself for large ones, and notes what it asks of
// the store itself.
const directly = `
import os, pathlib, tempfile
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(6 << 20)
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = str(5 << 20)
os.environ["MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE"] = str(5 << 20)
import requests
urls, original = [], requests.Session.request
def request(self, method, url, **kwargs):
    if "X-Amz-Signature" in url:
        urls.append((method, url))
    return original(self, method, url, **kwargs)
requests.Session.request = request
import mlflow
mlflow.set_experiment("direct")
with tempfile.TemporaryDirectory() as tmp, mlflow.start_run() as run:
    path = pathlib.Path(tmp) / "big.bin"
    path.write_bytes(os.urandom(1 << 20) * 9)
    mlflow.log_artifact(str(path), "sub")
    down = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="sub/big.bin", dst_path=tmp + "/down")
    assert pathlib.Path(down).read_bytes() == path.read_bytes()
    assert [a.path for a in mlflow.MlflowClient().list_artifacts(run.info.run_id, "sub")] == ["sub/big.bin"]
`

func TestAModelIsTheSameThroughMLflowAndThroughTheGate(t *testing.T) {
	t.Parallel()
	bucket := harness.S3(t)
	dir := t.TempDir()
	env := bucket.Environment("models")
	write := func(native string) {
		env["MLFLOW_NATIVE_ARTIFACTS"] = native
		server := harness.Start(t, harness.Options{Dir: dir, Env: env})
		out, err := harness.PythonSource(t, server.Client, model)
		if err != nil {
			t.Fatalf("native %s: %v\n%s", native, err, harness.Tail(out, 20))
		}
		server.Stop()
	}
	write("false") // logs the first model by MLflow's own proxy
	write("true")  // reads it and logs the second
	write("false") // reads both
}

// model reads every version of a model that there is and adds one.
const model = `
import mlflow
class Plus(mlflow.pyfunc.PythonModel):
    def __init__(self, n): self.n = n
    def predict(self, context, model_input, params=None): return [x + self.n for x in model_input]
client = mlflow.MlflowClient()
versions = sorted(int(v.version) for v in client.search_model_versions("name='plus'"))
for version in versions:
    assert mlflow.pyfunc.load_model(f"models:/plus/{version}").unwrap_python_model().n == version, version
mlflow.set_experiment("models")
with mlflow.start_run():
    mlflow.pyfunc.log_model(name="model", python_model=Plus(len(versions) + 1), registered_model_name="plus", pip_requirements=["mlflow"])
print("versions", versions)
`
