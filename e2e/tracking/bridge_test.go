package tracking_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// The bridge must not send to Flask what only FastAPI knows, and its answers must be those that MLflow's own gives.
func TestTheBridgeAnswersLikeMLflowsOwn(t *testing.T) {
	out := withParts(t, `
import asyncio, json, os, sys, threading, warnings
warnings.filterwarnings("ignore")
os.environ.update({"_MLFLOW_SERVER_FILE_STORE": "sqlite:///mlflow.db", "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true", "_MLFLOW_SERVER_ARTIFACT_DESTINATION": "artifacts", "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"})
from mlflow.server import app as flask
from mlflow.server.fastapi_app import app as native
from mlflow_serve.bridge import Bridge

bridge = Bridge(native, flask, 4)

async def ask(app, method, path, body=b"", headers=(), query=b"", pieces=1, cut=False):
    sent = []
    size = max(1, -(-len(body) // pieces))
    parts = [body[i:i + size] for i in range(0, len(body), size)] or [b""]
    async def receive():
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": cut or bool(parts)}
    async def send(message):
        sent.append(message)
    await app({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query, "root_path": "", "scheme": "http", "server": ("127.0.0.1", 80), "client": None,
        "headers": [(b"host", b"127.0.0.1"), *headers]}, receive, send)
    if not sent:
        return None
    # "vary: Origin" is for the Origin that the gate checks itself and hands on to nobody.
    answer = sorted((k, v) for k, v in sent[0]["headers"] if k not in (b"date", b"vary"))
    return sent[0]["status"], answer, b"".join(m.get("body", b"") for m in sent[1:])

async def main():
    js = ((b"content-type", b"application/json"),)
    length = lambda body: (*js, (b"content-length", str(len(body)).encode()))
    search = b'{"max_results": 5, "filter": "name LIKE \'%\'"}'
    cases = {
        "version": ("GET", "/version"), "health": ("GET", "/health"), "a page": ("GET", "/"),
        "a long file": ("GET", "/static-files/favicon.ico"), "nothing": ("GET", "/nowhere"), "HEAD": ("HEAD", "/version"),
        "OPTIONS": ("OPTIONS", "/api/2.0/mlflow/experiments/search"), "a wrong method": ("DELETE", "/api/2.0/mlflow/experiments/search"),
        "a search": ("POST", "/api/2.0/mlflow/experiments/search", search, length(search)),
        "a search in pieces": ("POST", "/api/2.0/mlflow/experiments/search", search, length(search), b"", 3),
        "bad JSON": ("POST", "/api/2.0/mlflow/experiments/search", b"{", length(b"{")),
        "a missing run": ("GET", "/api/2.0/mlflow/runs/get", b"", (), b"run_id=none"),
        "a query": ("GET", "/api/2.0/mlflow/experiments/get-by-name", b"", (), b"experiment_name=Gr%C3%B6%C3%9Fe"),
        "graphql": ("POST", "/graphql", b'{"query": "{__typename}"}', length(b'{"query": "{__typename}"}')),
        "jobs": ("GET", "/ajax-api/3.0/jobs/none"), "traces": ("POST", "/v1/traces", b"x", js),
        "server-info": ("GET", "/api/3.0/mlflow/server-info"), "artifacts": ("GET", "/api/2.0/mlflow-artifacts/artifacts/none"),
        "list": ("GET", "/api/2.0/mlflow-artifacts/artifacts", b"", (), b"path=none"),
    }
    differ = {}
    for name, case in cases.items():
        ours, theirs = await ask(bridge, *case), await ask(native, *case)
        if ours != theirs:
            differ[name] = [str(ours)[:600], str(theirs)[:600]]
    chunked = await ask(bridge, "POST", "/api/2.0/mlflow/experiments/search", search, (*js, (b"transfer-encoding", b"chunked")), b"", 2)
    big = max((os.path.join(d, f) for d, _, fs in os.walk(flask.static_folder) for f in fs), key=os.path.getsize)
    path = "/static-files/" + os.path.relpath(big, flask.static_folder)
    large = await ask(bridge, "GET", path)
    acted = []
    bridge.wsgi = lambda environ, start: (acted.append(1), flask(environ, start))[1]
    create = "/api/2.0/mlflow/runs/create"
    cut = [await ask(bridge, "POST", create, body, (*js, (b"content-length", b"99")), b"", 2, cut=True) for body in (b"", b'{"experiment_id": "0"}')]
    cut = sum(answer is not None for answer in cut) + len(acted)
    short = await ask(bridge, "POST", create, b'{"experiment_id": "0"}', (*js, (b"content-length", b"99")))
    release = threading.Event()
    def blocked(environ, start):
        release.wait()
        start("200 OK", [])
        return [b""]
    few = Bridge(native, blocked, 2)
    async def stands():
        return dict((await ask(few, "GET", "/health"))[1]).get(b"x-mlflow-server-standstill")
    still, calls = [], []
    for _ in range(3):  # busy, full, one too many
        calls.append(asyncio.ensure_future(ask(few, "GET", "/version")))
        await asyncio.sleep(0.1)
        still.append(await stands() is not None)
    await asyncio.sleep(1)
    still.append((await stands() or b"").decode().isdigit() and int(await stands()) >= 1)
    release.set()
    still.append([(await call)[0] for call in calls] == [200, 200, 200] and await stands() is None)
    sys.stdout.flush(); print(json.dumps({"differ": differ, "still": still, "cut": cut, "short": short[0], "chunked": chunked[0], "large": large[0] == 200 and large[2] == open(big, "rb").read(), "prefixes": len(bridge.prefixes)}))

asyncio.run(main())
sys.stdout.flush(); os._exit(0)
`)
	var got struct {
		Differ   map[string][]string
		Cut      int // answers to requests that broke off, and calls of Flask for them
		Short    int // the answer to a body that is shorter than its length says
		Still    []bool
		Chunked  int
		Large    bool
		Prefixes int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, answers := range got.Differ {
		t.Errorf("%s:\n%s\nby MLflow's own:\n%s", name, answers[0], answers[1])
	}
	// With two threads: one call, two, three, a second later, and when all are answered.
	if want := []bool{false, false, true, true, true}; !slices.Equal(got.Still, want) {
		t.Errorf("a standstill was told: %v, want %v", got.Still, want)
	}
	if got.Cut != 0 || got.Short != 400 || got.Chunked != 200 || !got.Large || got.Prefixes < 10 {
		t.Errorf("%+v", got)
	}
}
