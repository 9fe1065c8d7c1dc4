package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The dialects that MLflow knows (mlflow.store.db.db_types.DATABASE_ENGINES).
const (
	PostgreSQL = "postgresql"
	MySQL      = "mysql"
	MSSQL      = "mssql"
	SQLite     = "sqlite"
)

type dialect struct {
	// driver is named explicitly, because what SQLAlchemy takes without it changes (2.1 went from psycopg2 to psycopg
	// for PostgreSQL) and is mysqldb for MySQL. SQLite has none: MLflow looks for "sqlite:///" in places.
	driver string
	port   int
}

var dialects = map[string]dialect{
	PostgreSQL: {driver: "psycopg", port: 5432},
	MySQL:      {driver: "pymysql", port: 3306},
	MSSQL:      {driver: "pyodbc", port: 1433},
	SQLite:     {},
}

// asyncDrivers are SQLAlchemy's drivers for asyncio; MLflow's engine is a synchronous one.
var asyncDrivers = []string{"asyncpg", "psycopg_async", "aiomysql", "asyncmy", "aioodbc", "aiosqlite"}

var driverName = regexp.MustCompile(`^[a-z0-9_]+$`)

// parseDialect reads "dialect" or "dialect+driver"; driver is the one to use when none is named.
func parseDialect(text string) (name, driver string, err error) {
	name, driver, named := strings.Cut(strings.ToLower(text), "+")
	if name == "postgres" { // Heroku's DATABASE_URL; SQLAlchemy has dropped it
		name = PostgreSQL
	}
	d, known := dialects[name]
	switch {
	case name == "mariadb":
		return "", "", fmt.Errorf("the dialect mariadb is not known to MLflow; use mysql+pymysql")
	case !known:
		return "", "", fmt.Errorf("its dialect is not one that MLflow knows: %s", strings.Join(slices.Sorted(maps.Keys(dialects)), ", "))
	case !named:
		return name, d.driver, nil
	case !driverName.MatchString(driver):
		return "", "", fmt.Errorf("its driver is not a name such as %s+driver", name)
	case slices.Contains(asyncDrivers, driver):
		return "", "", fmt.Errorf("the driver %s is for asyncio, which MLflow does not use; leave it out", driver)
	}
	return name, driver, nil
}
