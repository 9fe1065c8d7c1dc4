package uri_test

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

//go:embed connect.py
var connector string

func TestPostgreSQLLetsInWhoHasAnAwkwardNameAndPassword(t *testing.T) {
	server := harness.Postgres(t)
	admin := harness.OpenPostgres(t, server)
	const user, password, database = `a@b:c/d #%41?ü'"`, `p@ss:w/o#r%d%41, ?&=+[]\'"ß`, `x/y?z#&%20@=+ "ä'`
	identifier := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	for _, statement := range []string{
		"CREATE ROLE " + identifier(user) + " LOGIN PASSWORD '" + strings.ReplaceAll(password, "'", "''") + "'",
		"CREATE DATABASE " + identifier(database) + " OWNER " + identifier(user) + " ENCODING 'UTF8' TEMPLATE template0",
	} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}

	t.Chdir(t.TempDir())
	address := server.Host + ":" + strconv.Itoa(server.Port)
	uris := make([]string, 0, 3)
	for name, variables := range map[string]map[string]string{
		"parts": {"MLFLOW_DB_HOST": server.Host, "MLFLOW_DB_PORT": strconv.Itoa(server.Port), "MLFLOW_DB_USERNAME": user,
			"MLFLOW_DB_PASSWORD": password, "MLFLOW_DB_DATABASE": database},
		"an escaped URL":            {"DATABASE_URL": "postgres://" + escaped(user) + ":" + escaped(password) + "@" + address + "/" + escaped(database)},
		"a password as it is typed": {"MLFLOW_BACKEND_URI": "postgresql://" + escaped(user) + ":" + strings.ReplaceAll(password, "%41", "%2541") + "@" + address + "/" + escaped(database)},
	} {
		c, err := load(variables)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		uris = append(uris, c.Backend.URI.Reveal())
	}
	for i, who := range python[[]string](t, connector, uris) {
		if !slices.Equal(who, []string{user, database}) {
			t.Errorf("%s connects as %q", uris[i], who)
		}
	}
}
