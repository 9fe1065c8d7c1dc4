package securityteam_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The traversals of MLflow's past came in the values of requests that are allowed, not in their paths: where an
// experiment keeps its artifacts, what a model version was made from, which file of it is asked for. Their users were
// signed in, and so is the editor who sends them here.
//
// SECRET stands for a directory beside the artifacts, RUN for the directory of a run of the editor, ID for the run's id.

// locations are what an experiment's artifact_location was.
var locations = map[string][]string{
	"CVE-2024-1483": {"http:///#/../../../../../../../../../../..SECRET/", "http:///SECRET#x"},
	"CVE-2024-1593": {"http:///;/../../../../../../../../../../../..SECRET", "mlflow-artifacts:/;/../../secret", "mlflow-artifacts:/x;..;/../../secret", "file://SECRET;x"},
	"CVE-2024-2928": {"http:///?/../../../../../../../../../../../..SECRET", "mlflow-artifacts:/x?/../../../secret", "mlflow-artifacts:/x#/../../../secret"},
	"CVE-2024-3573": {"SECRET", "file:SECRET", "file://SECRET", "file://localhostSECRET", "file://evil.exampleSECRET", "FILE://SECRET", "//proc/self/rootSECRET",
		"./../secret", "file:../secret", "local:SECRET", "dbfs:SECRET"},
	"CVE-2024-3848": {"mlflow-artifacts://#/../../../../../../../../../../../..SECRET", "file:///#SECRET"},
	"dots":          {"mlflow-artifacts:/../secret", "mlflow-artifacts:../secret", "mlflow-artifacts:/%2e%2e/secret", "mlflow-artifacts:/x/..%252f..%252fsecret", `mlflow-artifacts:/..\secret`},
}

// sources are what a model version's source was.
var sources = map[string][]string{
	"CVE-2023-1177": {"SECRET", "file://SECRET", "file:///etc/", "./../secret", "RUN/../../../../secret"},
	"CVE-2023-2780": {"mlflow-artifacts:/../secret", "mlflow-artifacts://127.0.0.1/../secret", "http://127.0.0.1/api/2.0/mlflow-artifacts/artifacts/../../secret",
		`mlflow-artifacts:/\..\secret`, "s3://bucket/../../..SECRET", "mlflow-artifacts:/%252e%252e/secret"},
	"CVE-2023-6977": {"//proc/self/rootSECRET", "file://localhostSECRET", "file://evil.exampleSECRET"},
	"CVE-2024-1483": {"http:///#/../../../../../../../../../../..SECRET/", "file:///SECRET#x"},
	"CVE-2024-1593": {"mlflow-artifacts:/;/../../secret", "http:///;/../../../../../../../../..SECRET", "file:///;/..SECRET"},
	"CVE-2024-3573": {"FILE://SECRET", "file:SECRET", "local:SECRET"},
	"CVE-2025-11201": {"runs:/ID/../../../../secret", "runs:/ID/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret", "RUN/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret",
		"models:/m/1/../../../secret", "mlflow-artifacts:/..%2fsecret", "mlflow-artifacts:/x%00/../secret"},
}

// deletions are paths of files to delete; CVE-2024-1560 and those who came after it.
var deletions = []string{
	"../secret/s.txt", "%2e%2e/secret/s.txt", "%252e%252e/secret/s.txt", "%25252e%25252e/secret/s.txt", "%252e%252e%252fsecret%252fs.txt", "x/%252e%252e/%252e%252e/secret/s.txt",
	"..%2fsecret/s.txt", "..%5csecret/s.txt", "%252e%252e%252fsecret", "%2fSECRET/s.txt", "%252fSECRET/s.txt", "file:%2f%2fSECRET/s.txt", "file:%252f%252fSECRET/s.txt",
}

// names are what the file could be called, seen from where the artifacts of a run or a version are taken to be.
var names = []string{
	"s.txt", "secret/s.txt", "../s.txt", "../../s.txt", "../../../../secret/s.txt", "%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret/s.txt", "..%2f..%2f..%2f..%2fsecret%2fs.txt",
	"%252e%252e/%252e%252e/s.txt", "SECRET/s.txt", "file://SECRET/s.txt", "#/../../s.txt", "x;/../../../s.txt", "passwd",
}

// lair is a file beside the artifacts, and an editor who is after it.
type lair struct {
	team
	dir, file, text, run string
	asked, let           int // reads, and those that were answered with a file
}

func (l *lair) sendAll(t *testing.T) {
	for name, all := range locations {
		t.Run(name+" in an artifact location", func(t *testing.T) {
			for _, location := range all {
				l.locate(t, l.fill(location))
			}
		})
	}
	for name, all := range sources {
		t.Run(name+" in the source of a model version", func(t *testing.T) {
			for _, source := range all {
				for _, run := range []string{"", l.run} {
					l.register(t, l.fill(source), run)
				}
			}
		})
	}
	t.Run("CVE-2024-1560 in a deletion", func(t *testing.T) {
		for _, path := range deletions {
			for _, api := range []string{"/api", "/ajax-api"} {
				if answer := l.Request(t, "DELETE", api+"/2.0/mlflow-artifacts/artifacts/"+l.fill(path), nil, nil); answer.Status < 400 {
					t.Errorf("DELETE %s: %d", path, answer.Status)
				}
			}
		}
	})
}

// climbs sends all of it. What MLflow answers to each is its own business; no answer may hold the file, and it stays.
func (s team) climbs(t *testing.T) {
	l := &lair{team: s, dir: filepath.Join(s.Dir, "secret"), text: "what nobody may read"}
	l.file = filepath.Join(l.dir, "s.txt")
	if err := os.Mkdir(l.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.file, []byte(l.text), 0o600); err != nil {
		t.Fatal(err)
	}
	l.run = l.newRun(t, "")

	// The control: the same calls return and delete what is the editor's own.
	own := url.Values{"run_uuid": {l.run}, "path": {"own.txt"}}
	if answer := s.Request(t, "POST", "/ajax-api/2.0/mlflow/upload-artifact?"+own.Encode(), strings.NewReader("mine"), nil); answer.Status != 200 {
		t.Fatalf("uploading: %d %s", answer.Status, answer.Body)
	}
	version := l.newVersion(t, l.fill("RUN"), l.run)
	for _, path := range []string{"/get-artifact?run_id=" + l.run, "/model-versions/get-artifact?name=m&version=" + version} {
		if answer := s.Request(t, "GET", path+"&path=own.txt", nil, nil); answer.Body != "mine" {
			t.Fatalf("the editor's own file by %s: %d %s", path, answer.Status, answer.Body)
		}
	}

	l.sendAll(t)

	if text, err := os.ReadFile(l.file); err != nil || string(text) != l.text {
		t.Errorf("the file is %q now (%v)", text, err)
	}
	if l.asked < 500 || l.let != 0 {
		t.Errorf("%d reads were tried and %d of them answered with a file", l.asked, l.let)
	}
	t.Logf("%d reads were tried, %d were answered with a file", l.asked, l.let)
	if answer := s.Request(t, "DELETE", fmt.Sprintf("/api/2.0/mlflow-artifacts/artifacts/%s/own.txt", l.root(t)), nil, nil); answer.Status != 200 {
		t.Errorf("deleting the editor's own file: %d %s", answer.Status, answer.Body)
	}
}

func (l *lair) fill(pattern string) string {
	return strings.NewReplacer("SECRET", l.dir, "RUN", "mlflow-artifacts:/0/"+l.run+"/artifacts", "ID", l.run).Replace(pattern)
}

// locate makes an experiment with a location, and asks for the file through a run of it.
func (l *lair) locate(t *testing.T, location string) {
	t.Helper()
	experiment := l.post(t, "experiments/create", map[string]any{"name": fmt.Sprint("at ", location), "artifact_location": location})["experiment_id"]
	if experiment == nil {
		return
	}
	run := l.newRun(t, experiment.(string))
	for _, name := range names {
		query := url.Values{"run_id": {run}, "path": {l.fill(name)}}.Encode()
		l.read(t, location, "/get-artifact?"+query)
		l.read(t, location, "/api/2.0/mlflow/artifacts/list?"+query)
	}
	l.read(t, location, "/api/2.0/mlflow/artifacts/list?run_id="+run)
	l.register(t, location, run)
}

// register makes a model version from a source, and asks for the file through it.
func (l *lair) register(t *testing.T, source, run string) {
	t.Helper()
	version := l.newVersion(t, source, run)
	if version == "" {
		return
	}
	for _, name := range names {
		l.read(t, source, "/model-versions/get-artifact?"+url.Values{"name": {"m"}, "version": {version}, "path": {l.fill(name)}}.Encode())
	}
}

// read asks for something and looks for the file in the answer.
func (l *lair) read(t *testing.T, through, path string) {
	t.Helper()
	answer := l.Request(t, "GET", path, nil, nil)
	l.asked++
	if strings.Contains(answer.Body, l.text) || strings.Contains(answer.Body, "root:") {
		t.Errorf("%s gives the file through %s: %s", path, through, answer.Body)
	}
	if strings.Contains(path, "get-artifact") && answer.Status < 400 {
		l.let++
		t.Errorf("%s through %s: %d", path, through, answer.Status)
	}
	if strings.Contains(path, "artifacts/list") && strings.Contains(answer.Body, `"file_size"`) {
		t.Errorf("%s lists what is through %s: %s", path, through, answer.Body)
	}
}

func (l *lair) newRun(t *testing.T, experiment string) string {
	t.Helper()
	if experiment == "" {
		experiment = "0"
	}
	answer := l.post(t, "runs/create", map[string]any{"experiment_id": experiment, "start_time": 1})
	run, _ := answer["run"].(map[string]any)
	info, _ := run["info"].(map[string]any)
	id, _ := info["run_id"].(string)
	if id == "" {
		t.Fatalf("no run: %v", answer)
	}
	return id
}

// newVersion is the number of the model version that was made, "" if none was.
func (l *lair) newVersion(t *testing.T, source, run string) string {
	t.Helper()
	l.post(t, "registered-models/create", map[string]any{"name": "m"})
	body := map[string]any{"name": "m", "source": source}
	if run != "" {
		body["run_id"] = run
	}
	made, _ := l.post(t, "model-versions/create", body)["model_version"].(map[string]any)
	version, _ := made["version"].(string)
	return version
}

// root is where the editor's own run is, seen from the artifacts' root.
func (l *lair) root(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(l.Dir, "mlruns", "*", l.run, "artifacts"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the run's directory: %v %v", found, err)
	}
	rel, err := filepath.Rel(filepath.Join(l.Dir, "mlruns"), found[0])
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

// post calls MLflow's API and returns its answer, whatever it is. None may hold the file.
func (l *lair) post(t *testing.T, call string, body map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := l.Request(t, "POST", "/api/2.0/mlflow/"+call, strings.NewReader(string(text)), asJSON)
	if strings.Contains(answer.Body, l.text) {
		t.Errorf("%s %s gives the file: %s", call, text, answer.Body)
	}
	var read map[string]any
	if err := json.Unmarshal([]byte(answer.Body), &read); err != nil {
		t.Fatalf("%s %s: %d %s", call, text, answer.Status, answer.Body)
	}
	return read
}
