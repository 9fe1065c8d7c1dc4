package fasttrack

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestARunIsMadeHereOnlyWhenNothingAboutItIsUnusual(t *testing.T) {
	const plain = `{"experiment_id": "3", "user_id": "ann", "run_name": "first", "start_time": 5, "tags": [{"key": "a", "value": "1"}]}`
	n, ok := parseCreateRun([]byte(plain))
	if !ok || n.experiment != 3 || n.user != "ann" || n.name != "first" || n.start != 5 ||
		fmt.Sprint(n.tags.keys, n.tags.values) != "[a mlflow.runName] [1 first]" {
		t.Errorf("%v %+v", ok, n)
	}
	n, ok = parseCreateRun([]byte(`{"experiment_id": "0", "user_id": "ann", "start_time": 5, "tags": [{"key": "mlflow.runName", "value": "by tag"}, {"key": "a", "value": ""}]}`))
	if !ok || n.name != "by tag" || fmt.Sprint(n.tags.keys) != "[mlflow.runName a]" {
		t.Errorf("%v %+v", ok, n)
	}
	for name, body := range map[string]string{
		"no name":                    `{"experiment_id": "3", "user_id": "ann", "start_time": 5}`,
		"no experiment":              `{"user_id": "ann", "run_name": "first", "start_time": 5}`,
		"no author":                  `{"experiment_id": "3", "run_name": "first", "start_time": 5}`,
		"no start":                   `{"experiment_id": "3", "user_id": "ann", "run_name": "first"}`,
		"a start before all times":   `{"experiment_id": "3", "user_id": "ann", "run_name": "first", "start_time": -1}`,
		"two names":                  `{"experiment_id": "3", "user_id": "ann", "run_name": "first", "start_time": 5, "tags": [{"key": "mlflow.runName", "value": "x"}]}`,
		"a tag twice":                `{"experiment_id": "3", "user_id": "ann", "run_name": "first", "start_time": 5, "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "1"}]}`,
		"an experiment that is text": `{"experiment_id": "x", "user_id": "ann", "run_name": "first", "start_time": 5}`,
		"leading zeros":              `{"experiment_id": "03", "user_id": "ann", "run_name": "first", "start_time": 5}`,
		"a field of another time":    `{"experiment_id": "3", "user_id": "ann", "run_name": "first", "start_time": 5, "parent": "x"}`,
	} {
		if _, ok := parseCreateRun([]byte(body)); ok {
			t.Errorf("%s: not MLflow's", name)
		}
	}
}

func TestIDsOfRunsAreLikeMLflows(t *testing.T) {
	form, seen := regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$`), map[string]bool{}
	for range 1000 {
		id := newRunID()
		if !form.MatchString(id) || !plainRun(id) || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
}

// A run that may have been made must not be made by MLflow once more.
func TestOnlyWhatHasCertainlyNotHappenedIsLeftToMLflow(t *testing.T) {
	for _, tt := range []struct {
		err    error
		undone bool
	}{
		{&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "22001"}, true},
		{fmt.Errorf("in a batch: %w", &pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "40P01"}), true},
		{pgx.ErrNoRows, true},
		{&pgconn.PgError{SeverityUnlocalized: "FATAL", Code: "57P01"}, false},
		{io.ErrUnexpectedEOF, false},
		{errors.New("read: connection reset by peer"), false},
	} {
		if got := undone(tt.err); got != tt.undone {
			t.Errorf("%v: %t", tt.err, got)
		}
	}
}

func TestBadDataOfOneRequestDoesNotSendEverythingToMLflow(t *testing.T) {
	for code, want := range map[string]bool{"22001": true, "23505": true, "40P01": true, "57P01": false, "53300": false, "42P01": false} {
		if got := answered(&pgconn.PgError{Code: code}); got != want {
			t.Errorf("%s: %t", code, got)
		}
	}
	if answered(io.ErrUnexpectedEOF) {
		t.Error("a connection that ended has answered")
	}
}
