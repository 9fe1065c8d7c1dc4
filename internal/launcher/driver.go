package launcher

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

// drivers are SQLAlchemy's drivers whose Python module or package has another name than they.
// Source: https://docs.sqlalchemy.org/en/21/dialects/
var drivers = map[string]struct{ module, pkg string }{
	"psycopg2":         {"psycopg2", "psycopg2-binary"},
	"pymysql":          {"pymysql", "PyMySQL"},
	"mysqldb":          {"MySQLdb", "mysqlclient"},
	"mysqlconnector":   {"mysql", "mysql-connector-python"},
	"mariadbconnector": {"mariadb", "mariadb"},
	"pysqlcipher":      {"sqlcipher3", "sqlcipher3-binary"},
}

// included are the drivers of the locked runtime, with the dialects that they are for.
var included = map[string]string{config.PostgreSQL: "psycopg", config.MySQL: "pymysql"}

// CheckDriver says whether the runtime has what reaches the database. MLflow itself would find out only once it runs,
// behind an open port. Its error is [config.Problems].
func CheckDriver(b config.Backend, r provision.Runtime) error {
	if b.Driver == "" || b.Dialect == config.SQLite && b.Driver == "pysqlite" {
		return nil // Python's own
	}
	d, ok := drivers[b.Driver]
	if !ok {
		d.module, d.pkg = b.Driver, b.Driver
	}
	if hasModule(r.SitePackages, d.module) {
		return nil
	}
	variable := b.Source
	if variable == "MLFLOW_DB_HOST" {
		variable = "MLFLOW_DB_DIALECT"
	}
	instead := "use PostgreSQL or MySQL, whose drivers are there"
	if driver := included[b.Dialect]; driver != "" && b.Driver != driver {
		instead = fmt.Sprintf("leave it out for %s, which is there", driver)
	} else if b.Dialect == config.SQLite {
		instead = "leave it out"
	}
	return config.Problems{{Variable: variable, Text: fmt.Sprintf("the runtime in %s has no driver %s for %s; %s, or on Heroku add it "+
		"with \"heroku config:set MLFLOW_EXTRAS=%s\" and build again", r.Dir, b.Driver, b.Dialect, instead, d.pkg)}}
}

// hasModule looks for a package, a file of Python, or a compiled one (pyodbc.cpython-313-x86_64-linux-gnu.so).
func hasModule(dir, name string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true // not the driver's fault: MLflow will say what is wrong
	}
	for _, entry := range entries {
		module, rest, _ := strings.Cut(entry.Name(), ".")
		if module == name && (entry.IsDir() || rest == "py" || filepath.Ext(rest) == ".so" || rest == "so") {
			return true
		}
	}
	return false
}
