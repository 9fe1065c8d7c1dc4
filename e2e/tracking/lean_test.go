package tracking_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// What is left out must be nothing but what is closed, and must be there for whoever asks for it later.
func TestALeanServerAnswersLikeAFullOne(t *testing.T) {
	out := withParts(t, `
import asyncio, json, os, sys, types, warnings
warnings.filterwarnings("ignore")
os.environ.update({"_MLFLOW_SERVER_FILE_STORE": "sqlite:///mlflow.db", "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true", "_MLFLOW_SERVER_ARTIFACT_DESTINATION": "artifacts", "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"})
from mlflow_serve import lean, native, rehearsal
from mlflow_serve.bridge import Bridge, native_prefixes, _paths

with lean.imports(types.SimpleNamespace(lean=True)):
    from mlflow.server import app as flask
    ours = Bridge(native.application(), flask, 4)
    ours.native.mount("/", ours.flask)
    rehearsal._open_stores()
    rehearsal._flask(flask)
loaded = sorted(name for name in ("numpy", "pandas") if name in sys.modules)

from mlflow.models import Model
column = json.dumps([{"name": "x", "type": "double", "required": True}])
model = Model.from_dict({"run_id": "r", "artifact_path": "m", "utc_time_created": "2026-01-01 00:00:00", "flavors": {},
    "signature": {"inputs": column, "outputs": column, "params": None}})
signature = model.signature.inputs.input_names()
import pandas
frame = int(pandas.DataFrame({"a": [1, 2]}).a.sum())

from mlflow.server.fastapi_app import app as full
theirs = Bridge(full, flask, 4)

async def ask(app, method, path, body=b"", headers=(), query=b""):
    sent = []
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}
    async def send(message):
        sent.append(message)
    await app({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query, "root_path": "", "scheme": "http", "server": ("127.0.0.1", 80), "client": None,
        "headers": [(b"host", b"127.0.0.1"), *headers]}, receive, send)
    return sent[0]["status"], sorted((k, v) for k, v in sent[0]["headers"] if k != b"date"), b"".join(m.get("body", b"") for m in sent[1:])

async def main():
    js = ((b"content-type", b"application/json"),)
    elsewhere = (b"x-mlflow-workspace", b"elsewhere")
    mcp = "/ajax-api/3.0/mlflow/mcp-servers"
    cases = {
        "traces": ("POST", "/v1/traces", b"x", js), "traces of no kind": ("POST", "/v1/traces", b"x"), "traces in a workspace": ("POST", "/v1/traces", b"x", (elsewhere,)),
        "below traces": ("GET", "/v1/traces/none"), "traces by GET": ("GET", "/v1/traces"), "server-info": ("GET", "/api/3.0/mlflow/server-info"),
        "server-info in a workspace": ("GET", "/api/3.0/mlflow/server-info", b"", (elsewhere,)), "a run in a workspace": ("GET", "/api/2.0/mlflow/runs/get", b"", (elsewhere,)),
        "an artifact": ("GET", "/api/2.0/mlflow-artifacts/artifacts/none"), "one outside": ("GET", "/api/2.0/mlflow-artifacts/artifacts/../x"),
        "an upload": ("PUT", "/api/2.0/mlflow-artifacts/artifacts/a/b.txt", b"text"), "a list": ("GET", "/api/2.0/mlflow-artifacts/artifacts", b"", (), b"path=a"),
        "MCP servers": ("GET", mcp), "no MCP server": ("GET", mcp + "/none"), "an MCP server of nonsense": ("POST", mcp, b"[]", js), "bad JSON": ("POST", mcp, b"{", js),
        "a page of none": ("GET", mcp, b"", (), b"max_results=x"), "a page of many": ("GET", mcp, b"", (), b"max_results=99999999"),
        "a foreign host": ("GET", "/api/3.0/mlflow/server-info", b"", ((b"host", b"evil.example"),)),
        "a foreign origin": ("POST", "/ajax-api/3.0/mlflow/mcp-servers", b"{}", (*js, (b"origin", b"https://evil.example"))),
        "OPTIONS": ("OPTIONS", "/v1/traces", b"", ((b"origin", b"http://localhost:3000"), (b"access-control-request-method", b"POST"))),
        "version": ("GET", "/version"), "nothing": ("GET", "/nowhere"), "a page": ("GET", "/"), "HEAD": ("HEAD", "/api/3.0/mlflow/server-info"),
    }
    differ = {}
    for name, case in cases.items():
        one, two = await ask(ours, *case), await ask(theirs, *case)
        if one != two:
            differ[name] = [str(one)[:600], str(two)[:600]]
    return differ

def table(app):
    from starlette.routing import Mount
    return sorted(set(_paths([r for r in app.routes if not isinstance(r, Mount)], "")))

differ = asyncio.run(main())
print(json.dumps({"loaded": loaded, "signature": signature, "frame": frame, "differ": differ, "left_out": sorted(set(table(full)) - set(table(ours.native))),
    "more": sorted(set(table(ours.native)) - set(table(full))), "kept": len(table(ours.native))}))
`)
	var got struct {
		Loaded, Signature []string
		Frame             int
		Differ            map[string][]string
		LeftOut           []string `json:"left_out"`
		More              []string
		Kept              int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(got.Loaded) > 0 {
		t.Errorf("loaded in spite of all: %v", got.Loaded)
	}
	if fmt.Sprint(got.Signature, got.Frame) != "[x] 3" {
		t.Errorf("who asks for pandas later gets %v %d", got.Signature, got.Frame)
	}
	for name, answers := range got.Differ {
		t.Errorf("%s: %s", name, strings.Join(answers, "\ninstead of: "))
	}
	for _, path := range got.LeftOut {
		if !strings.HasPrefix(path, "/gateway/") && !strings.Contains(path, "/mlflow/assistant") && !strings.Contains(path, "/jobs") {
			t.Errorf("left out, but not closed: %s", path)
		}
	}
	if len(got.LeftOut) < 10 || len(got.More) > 0 || got.Kept < 10 {
		t.Errorf("left out: %v; not MLflow's: %v; %d routes are there", got.LeftOut, got.More, got.Kept)
	}
}

func TestPandasIsInNoServerThatDoesNotNeedIt(t *testing.T) {
	for _, gateway := range []bool{false, true} {
		t.Run(map[bool]string{false: "the gateway is closed", true: "the gateway is open"}[gateway], func(t *testing.T) {
			o := options(t)
			o.Workers, o.Gateway = 2, gateway
			r := run(t, o)
			pids := r.untilReady(t, 2)
			for range 20 { // so that each of the two has had some
				r.mustSearch(t)
				if code, body := r.ask(t, "POST", "/api/2.0/mlflow/runs/search", `{"experiment_ids": ["0"]}`); code != 200 {
					t.Fatal(code, body)
				}
				if code, body := r.ask(t, "POST", "/graphql", `{"query": "{__typename}"}`); code != 200 {
					t.Fatal(code, body)
				}
			}
			for _, pid := range pids {
				maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
				if err != nil {
					t.Fatal(err)
				}
				if has := strings.Contains(string(maps), "/pandas/") && strings.Contains(string(maps), "/numpy/"); has != gateway {
					t.Errorf("pandas and numpy in a worker: %t", has)
				}
			}
		})
	}
}
