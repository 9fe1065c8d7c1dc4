package fasttrack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// side is one of two servers that are sent the same calls, each with a database of its own.
type side struct {
	*harness.Instance
	database harness.Database
	runs     []string // by the number that calls know them by
	client   *http.Client
}

// call is a request for both sides; a run is written as {run:3}.
type call struct {
	method, path string // without /api/2.0/mlflow/
	body         string
	header       map[string]string
}

func startSide(t *testing.T, native string) *side {
	t.Helper()
	database := harness.Postgres(t)
	return startOn(t, native, database, database)
}

// startOn starts a server that reaches its database by the address that through is.
func startOn(t *testing.T, native string, database, through harness.Database) *side {
	t.Helper()
	return startWith(t, database, through.Environment(map[string]string{
		"MLFLOW_NATIVE_TRACKING": native, "MLFLOW_ARTIFACT_URI": t.TempDir(), "WEB_CONCURRENCY": "2",
	}))
}

func startWith(t *testing.T, database harness.Database, env map[string]string) *side {
	t.Helper()
	s := &side{database: database}
	s.Instance = harness.Start(t, harness.Options{Env: env})
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections) // before the server stops
	s.client = &http.Client{Transport: transport, Timeout: 5 * time.Minute}
	return s
}

// startBoth starts MLflow alone and the native path, with as many runs on each.
func startBoth(t *testing.T, runs int) (plain, native *side) {
	t.Helper()
	plain, native = startSide(t, "false"), startSide(t, "true")
	plain.WaitLog(`msg="native tracking" is=off because="MLFLOW_NATIVE_TRACKING is false"`)
	for _, s := range []*side{plain, native} {
		s.experiments(t)
		createOn(t, runs, s)
	}
	return plain, native
}

func createOn(t *testing.T, runs int, s *side) {
	t.Helper()
	for n := range runs {
		s.create(t, n)
	}
}

// experiments is how many there are on both sides.
const experiments = 6

// experiments makes all but the first, with times that both sides have, some of them the same, some none.
func (s *side) experiments(t *testing.T) {
	t.Helper()
	for n := 1; n < experiments; n++ {
		a := s.send(t, call{method: "POST", path: "experiments/create", body: fmt.Sprintf(`{"name": "experiment %d", `+
			`"artifact_location": %q, "tags": [{"key": "a", "value": "1"}, {"key": "é", "value": "\u00e9\n"}]}`, n, locations[n])})
		if a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	_, err := harness.OpenPostgres(t, s.database).ExecContext(t.Context(), `UPDATE experiments SET
		creation_time = CASE WHEN experiment_id < 5 THEN 1600000000000 + experiment_id / 2 END,
		last_update_time = CASE WHEN experiment_id <> 3 THEN 1600000000000 + experiment_id % 2 ELSE 0 END`)
	if err != nil {
		t.Fatal(err)
	}
}

// locations are where experiments keep their files; some of them are left to MLflow.
var locations = [experiments]string{"", "", "mlflow-artifacts:/other/place", "mlflow-artifacts:/with/slash/", "s3://bucket/prefix", ""}

// isOn makes sure that a side was native for the whole of a test.
func (s *side) isOn(t *testing.T) {
	t.Helper()
	s.WaitLog(`msg="native tracking" is=on`)
	for line := range strings.Lines(s.Log()) {
		if strings.Contains(line, "the database failed a call") {
			t.Error(line)
		}
	}
}

// create makes the run with the next number.
func (s *side) create(t *testing.T, n int) {
	t.Helper()
	a := s.send(t, call{method: "POST", path: "runs/create", body: `{"experiment_id": "0", "user_id": "somebody", "run_name": "run ` +
		string(rune('a'+n%26)) + `", "start_time": ` + number(1_700_000_000_000+n) + `, "tags": [{"key": "first", "value": "1"}]}`})
	var made struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			} `json:"info"`
		} `json:"run"`
	}
	if err := json.Unmarshal([]byte(a.Body), &made); err != nil || made.Run.Info.ID == "" {
		t.Fatalf("%d %s %v", a.Status, a.Body, err)
	}
	s.runs = append(s.runs, made.Run.Info.ID)
}

// send sends a call with this side's ids and returns the answer without them.
func (s *side) send(t *testing.T, c call) harness.Answer {
	t.Helper()
	a, err := s.try(t.Context(), c)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	return a
}

func (s *side) try(ctx context.Context, c call) (harness.Answer, error) {
	path := c.path
	if !strings.HasPrefix(path, "/") {
		path = "/api/2.0/mlflow/" + path
	}
	r, err := http.NewRequestWithContext(ctx, c.method, s.URL+s.own(path), strings.NewReader(s.own(c.body)))
	if err != nil {
		return harness.Answer{}, err
	}
	r.SetBasicAuth(s.User, s.Password)
	if c.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.header {
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
	response, err := s.client.Do(r)
	if err != nil {
		return harness.Answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return harness.Answer{Status: response.StatusCode, Header: response.Header, Body: s.anybodys(string(read))}, err
}

func (s *side) own(text string) string {
	if !strings.Contains(text, "{run:") {
		return text
	}
	for n, id := range s.runs {
		text = strings.ReplaceAll(text, mark(n), id)
	}
	return text
}

func (s *side) anybodys(text string) string {
	for n, id := range s.runs {
		text = strings.ReplaceAll(text, id, mark(n))
	}
	return text
}

func mark(n int) string { return "{run:" + number(n) + "}" }

// counts are how many calls this side answered natively, and how many it handed on after a look, by call.
func (s *side) counts(t *testing.T) (native, handed map[string]int) {
	t.Helper()
	native, handed = map[string]int{}, map[string]int{}
	for line := range strings.Lines(s.send(t, call{method: "GET", path: "/-/metrics"}).Body) {
		rest, ok := strings.CutPrefix(line, `mlflow_server_native_calls_total{call="`)
		if !ok {
			continue
		}
		name, rest, _ := strings.Cut(rest, `",answered_by="`)
		who, rest, _ := strings.Cut(rest, `"} `)
		n := 0
		if err := json.Unmarshal([]byte(rest), &n); err != nil {
			t.Fatal(err)
		}
		if who == "mlflow" {
			handed[name] = n
		} else {
			native[name] = n
		}
	}
	return native, handed
}

// chance are the columns that MLflow fills with the time or something random of its own.
var chance = map[string]string{
	"experiments": "'creation_time', 'last_update_time'",
	"datasets":    "'dataset_uuid'",
	"inputs":      "'input_uuid', 'source_id'",
	"runs":        "'deleted_time'",
}

// rows has every row of every table as JSON, sorted, without ids and times that are this side's own.
func (s *side) rows(t *testing.T) map[string][]string {
	t.Helper()
	db := harness.OpenPostgres(t, s.database)
	tables, err := db.QueryContext(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, name := range names {
		row, own := "row_to_json(t)", chance[name]
		if own != "" {
			row = "to_jsonb(t) - ARRAY[" + own + "]"
		}
		found, err := db.QueryContext(t.Context(), `SELECT (`+row+`)::text FROM "`+name+`" t`)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = []string{}
		for found.Next() {
			var row string
			if err := found.Scan(&row); err != nil {
				t.Fatal(err)
			}
			all[name] = append(all[name], s.anybodys(row))
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(all[name])
	}
	return all
}

// sameRows compares every table.
func sameRows(t *testing.T, plain, native *side) {
	t.Helper()
	want, got := plain.rows(t), native.rows(t)
	if len(want) < 20 || !slices.Equal(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))) {
		t.Fatalf("the tables are %v and %v", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	}
	total := 0
	for name, rows := range want {
		total += len(rows)
		for _, one := range []struct {
			who       string
			has, none []string
		}{{"MLflow", rows, got[name]}, {"the native path", got[name], rows}} {
			if extra := minus(one.has, one.none); len(extra) > 0 {
				t.Errorf("%s: only %s wrote %d rows, such as %.300s", name, one.who, len(extra), extra[0])
			}
		}
	}
	t.Logf("%d rows in %d tables are equal", total, len(want))
}

// minus is what the first of two sorted lists has more.
func minus(a, b []string) (more []string) {
	j := 0
	for _, row := range a {
		for j < len(b) && b[j] < row {
			j++
		}
		if j < len(b) && b[j] == row {
			j++
			continue
		}
		more = append(more, row)
	}
	return more
}
