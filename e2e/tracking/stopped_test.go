package tracking_test

import (
	"encoding/json"
	"testing"
)

// What takes long before a change of the schema (a connection, another holder of the lock, MLflow's import) may end when the
// launcher has asked for the end: nothing may begin then, because it would be killed in the middle.
func TestNoMigrationBeginsWhenTheEndWasAskedFor(t *testing.T) {
	out := withParts(t, `
import json, os, sqlite3, sys
from mlflow_serve import database, lifeline, locks, migration, schema

class Report:
    def __init__(self): self.told = []
    def phase(self, name, waiting=False, **_): self.told.append(name + " waiting" * waiting)
    def schema(self, *_): self.told.append("schema")
    def fatal(self, kind, message): print(kind, message, file=sys.stderr)

def play(name, when):
    here, there = os.pipe()
    end = lambda: os.write(there, b"x")  # seen in the fork, too, as the end of the pipe would be
    file = os.path.abspath(name + ".db")
    settings = type("Settings", (), {"backend_uri": "sqlite:///" + file, "database_wait": 60, "migration_wait": 60,
        "mlflow_version": "", "die_with_launcher": False})
    line, report = lifeline.Lifeline(here), Report()
    take, question = locks._File.take, database._question
    def held(lock):
        if when == "in the wait": end()
        elif when == "with the lock":
            got = take(lock)
            end()
            return got
        return False
    def asked(url):
        if when == "in the connection": end()
        return question(url)
    locks._File.take, database._question = held if when != "in the connection" else take, asked
    try:
        engine, endpoint = database.wait(settings, report, line)
        migration.run(settings, schema.inspect(engine, settings, endpoint), report, line, open_store=False)
        ended = "it goes on"
    except lifeline.Stopped:
        ended = "stopped"
    finally:
        locks._File.take, database._question = take, question
    with sqlite3.connect(file) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return {"ended": ended, "tables": tables, "told": report.told}

print(json.dumps({when: play("d%d" % n, when) for n, when in enumerate(("in the connection", "in the wait", "with the lock"))}))
`)
	var got map[string]struct {
		Ended  string
		Tables int
		Told   []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for when, g := range got {
		if g.Ended != "stopped" || g.Tables != 0 {
			t.Errorf("the end was asked for %s: %s, %d tables, told %v", when, g.Ended, g.Tables, g.Told)
		}
		if when == "in the connection" && len(g.Told) != 0 {
			t.Errorf("it tells %v after that", g.Told)
		}
	}
	if len(got) != 3 {
		t.Error(out)
	}
}
