package launcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

func TestADriverThatTheRuntimeLacksIsNamedWithTheWayOut(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"psycopg/__init__.py", "pymysql/__init__.py", "pyodbc.cpython-313-x86_64-linux-gnu.so", "pg8000.py", "mysqldb-2.2.dist-info/METADATA", "psycopg2.txt"} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	runtime := provision.Runtime{Dir: "/runtime", SitePackages: dir}
	for _, c := range []struct {
		dialect, driver, source string
		want                    []string // in the message; none where the driver is there
	}{
		{config.SQLite, "", "MLFLOW_DATA_DIR", nil},
		{config.SQLite, "pysqlite", "MLFLOW_BACKEND_URI", nil},
		{config.PostgreSQL, "psycopg", "DATABASE_URL", nil},
		{config.PostgreSQL, "pg8000", "DATABASE_URL", nil},
		{config.MySQL, "pymysql", "MLFLOW_DB_HOST", nil},
		{config.MSSQL, "pyodbc", "MLFLOW_BACKEND_URI", nil},
		{config.PostgreSQL, "psycopg2", "DATABASE_URL", []string{"DATABASE_URL: the runtime in /runtime has no driver psycopg2", "leave it out for psycopg,", "MLFLOW_EXTRAS=psycopg2-binary\""}},
		{config.MySQL, "mysqldb", "MLFLOW_DB_HOST", []string{"MLFLOW_DB_DIALECT: ", "leave it out for pymysql,", "MLFLOW_EXTRAS=mysqlclient\""}},
		{config.MSSQL, "pymssql", "MLFLOW_BACKEND_URI", []string{"no driver pymssql for mssql", "use PostgreSQL or MySQL", "MLFLOW_EXTRAS=pymssql\""}},
		{config.SQLite, "pysqlcipher", "MLFLOW_DB_DIALECT", []string{"leave it out, or", "MLFLOW_EXTRAS=sqlcipher3-binary\""}},
	} {
		err := CheckDriver(config.Backend{Dialect: c.dialect, Driver: c.driver, Source: c.source, URI: "hunter2"}, runtime)
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s+%s: %v", c.dialect, c.driver, err)
		}
		for _, text := range c.want {
			if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s+%s: %v, want %s", c.dialect, c.driver, err, text)
			}
		}
	}
}
