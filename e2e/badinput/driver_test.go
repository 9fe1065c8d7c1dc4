package badinput_test

import (
	"testing"

	"mlflow-server/e2e/harness"
)

func TestADriverThatIsNotInstalledIsSaidBeforeItListens(t *testing.T) {
	harness.Runtime(t)
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"of PostgreSQL": {map[string]string{"DATABASE_URL": "postgresql+psycopg2://u:" + planted + "@db/x"}, []string{"  DATABASE_URL: ", "no driver psycopg2", "leave it out for psycopg,"}},
		"of MySQL": {map[string]string{"MLFLOW_DB_DIALECT": "mysql+mysqldb", "MLFLOW_DB_HOST": "db", "MLFLOW_DB_PASSWORD": planted},
			[]string{"  MLFLOW_DB_DIALECT: ", "no driver mysqldb", "leave it out for pymysql,"}},
		"of SQL Server": {map[string]string{"MLFLOW_BACKEND_URI": "mssql://u:" + planted + "@db/x"}, []string{"  MLFLOW_BACKEND_URI: ", "no driver pyodbc for mssql", "MLFLOW_EXTRAS=pyodbc"}},
	} {
		for _, command := range []string{"serve", "migrate"} {
			t.Run(name+", by "+command, func(t *testing.T) {
				t.Parallel()
				result := harness.RunToExit(t, harness.Options{Args: []string{command}, Env: c.env})
				refused(t, result, append(c.want, "the configuration has 1 problem")...)
				if result.Listened {
					t.Error("it listened before it looked")
				}
			})
		}
	}
}
