package doctor

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"mlflow-server/e2e/harness"
)

// free are the connections that the doctor takes for free, and of how many by which limit.
func free(t *testing.T, found map[string]string) (free, most int, limit string) {
	t.Helper()
	parts := regexp.MustCompile(`(\d+) of (\d+) are free \((.*)\)`).FindStringSubmatch(found["database connections"])
	if parts == nil {
		t.Fatalf("database connections: %q", found["database connections"])
	}
	free, _ = strconv.Atoi(parts[1])
	most, _ = strconv.Atoi(parts[2])
	return free, most, parts[3]
}

func TestTheDoctorCountsThePostgresConnectionsThatThisUserCanGet(t *testing.T) {
	t.Parallel()
	d, _ := harness.RestartablePostgres(t) // of its own, where nobody else connects
	db := harness.OpenPostgres(t, d)
	execute := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	execute("CREATE ROLE plain LOGIN PASSWORD 'plain'", "CREATE ROLE other LOGIN PASSWORD 'other'", `CREATE DATABASE "theirs" OWNER plain`,
		"GRANT ALL ON SCHEMA public TO PUBLIC")
	login := func(name, database string) harness.Database {
		user := d
		user.User, user.Password, user.Name = name, name, database
		return user
	}
	hold := func(n int, user harness.Database) {
		t.Helper()
		sessions := harness.OpenPostgres(t, user)
		for range n {
			session, err := sessions.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = session.Close() })
		}
	}
	plain := map[string]string{"MLFLOW_BACKEND_URI": login("plain", "theirs").URL("postgresql")}
	before, most, limit := free(t, examine(t, plain))
	if limit != "max_connections" {
		t.Errorf("by %s", limit)
	}
	hold(7, login("other", d.Name))
	if now, _, _ := free(t, examine(t, plain)); now != before-7 {
		t.Errorf("%d of %d are free, and %d when another role has 7 more", before, most, now)
	}
	var version int
	if err := db.QueryRowContext(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version >= 16 {
		var whole int
		if err := db.QueryRowContext(t.Context(), `SELECT current_setting('max_connections')::int
			- current_setting('superuser_reserved_connections')::int - current_setting('reserved_connections')::int`).Scan(&whole); err != nil {
			t.Fatal(err)
		}
		if most != whole {
			t.Errorf("there are %d for this user, not %d", whole, most)
		}
	}

	execute(`ALTER DATABASE "theirs" CONNECTION LIMIT 12`)
	hold(2, login("other", "theirs"))
	if n, most, limit := free(t, examine(t, plain)); n != 10 || most != 12 || limit != "the database theirs's limit" {
		t.Errorf("%d of %d by %s", n, most, limit)
	}
	execute("ALTER ROLE plain CONNECTION LIMIT 10")
	hold(3, login("plain", d.Name))
	if n, most, limit := free(t, examine(t, plain)); n != 7 || most != 10 || limit != "the role plain's limit" {
		t.Errorf("%d of %d by %s", n, most, limit)
	}
}

func TestTheDoctorCountsTheMySQLConnectionsThatThisUserCanGet(t *testing.T) {
	t.Parallel()
	d := harness.MySQL(t)
	name := fmt.Sprintf("few@%d", d.Port) // an @ in it, as in those of the harness
	for _, statement := range []string{
		"CREATE USER '" + name + "'@'%' IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 4", "GRANT ALL ON `" + d.Name + "`.* TO '" + name + "'@'%'",
	} {
		if _, err := harness.QueryMySQL(t.Context(), d, statement); err != nil {
			t.Fatal(err)
		}
	}
	d.User, d.Password = name, "few"
	// The doctor's own connection is one of the four, and one that it has just closed can still be.
	for tries := 1; ; tries++ {
		found := examine(t, map[string]string{"MLFLOW_BACKEND_URI": d.URL("mysql+pymysql")})
		n, most, limit := free(t, found)
		if n == 3 && most == 4 && limit == "max_user_connections" {
			finds(t, found, map[string]string{"database connections": "warn"})
			return
		}
		if tries == 10 {
			t.Fatalf("%d of %d by %s", n, most, limit)
		}
	}
}
