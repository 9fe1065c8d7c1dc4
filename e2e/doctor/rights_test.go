package doctor

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

func TestTheDoctorLooksWhoOwnsTheTables(t *testing.T) {
	t.Parallel()
	d := harness.Postgres(t)
	admin := map[string]string{"MLFLOW_BACKEND_URI": d.URL("postgresql")}
	if r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Env: admin}); r.Code != 0 {
		t.Fatalf("%d: %s%s", r.Code, r.Stdout, r.Stderr)
	}
	db := harness.OpenPostgres(t, d)
	other := d
	other.User, other.Password = fmt.Sprintf("other_%s", d.Name), "other"
	execute := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), strings.ReplaceAll(statement, "OTHER", `"`+other.User+`"`)); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	execute("CREATE ROLE OTHER LOGIN PASSWORD 'other'", "GRANT ALL ON SCHEMA public TO OTHER", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO OTHER",
		"CREATE TABLE somebody_elses (a int)")
	env := map[string]string{"MLFLOW_BACKEND_URI": other.URL("postgresql")}
	finds(t, examine(t, env), map[string]string{"database rights": "fail this user may not read and write "})
	execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO OTHER")
	finds(t, examine(t, env), map[string]string{"database rights": "warn " + d.User + " owns "})
	execute(`DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('runs', 'somebody_elses') LOOP
		EXECUTE format('ALTER TABLE %I OWNER TO OTHER', t); END LOOP; END $$`)
	finds(t, examine(t, env), map[string]string{"database rights": "warn " + d.User + " owns the table runs: no upgrade can change that"})
	execute("ALTER TABLE runs OWNER TO OTHER")
	finds(t, examine(t, env), map[string]string{"database rights": "ok tables can be created, changed and dropped", "schema": "ok"})
}

func TestTheDoctorLeavesNothingInAMySQLThatDeniesIt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ rights, want string }{
		"without DROP":  {"SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER", "fail"},
		"without ALTER": {"SELECT, INSERT, UPDATE, DELETE, CREATE, DROP", "fail"},
		"with all":      {"SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := harness.MySQL(t)
			user := "u" + d.Name[strings.LastIndexAny(d.Name, "_-")+1:]
			for _, statement := range []string{
				"CREATE USER '" + user + "'@'%' IDENTIFIED BY 'x'", "GRANT " + tt.rights + " ON `" + d.Name + "`.* TO '" + user + "'@'%'",
			} {
				if _, err := harness.QueryMySQL(t.Context(), d, statement); err != nil {
					t.Fatal(err)
				}
			}
			limited := d
			limited.User, limited.Password = user, "x"
			finds(t, examine(t, map[string]string{"MLFLOW_BACKEND_URI": limited.URL("mysql+pymysql")}), map[string]string{"database rights": tt.want})
			left, err := harness.QueryMySQL(t.Context(), d, "SELECT count(*) FROM information_schema.tables WHERE table_schema = '"+d.Name+"'")
			if err != nil || left != "0" {
				t.Errorf("it leaves tables: %s %v", left, err)
			}
		})
	}
}

func TestTheDoctorSaysWhatToDoAboutALockedFile(t *testing.T) {
	t.Parallel()
	harness.Require(t, "sqlite3")
	file := filepath.Join(t.TempDir(), "locked.db")
	holder := exec.Command("sqlite3", file)
	input, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Wait() }()
	defer input.Close()
	if _, err := io.WriteString(input, "CREATE TABLE t (a);\nBEGIN IMMEDIATE;\nSELECT 'held';\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("%q %v", line, err)
	}
	r := harness.RunToExit(t, harness.Options{Args: []string{"doctor"}, Env: map[string]string{"MLFLOW_BACKEND_URI": "sqlite:///" + file}})
	if r.Code != 2 || !strings.Contains(r.Stdout, "locked") || !strings.Contains(r.Stdout, "→ end what holds the lock") {
		t.Errorf("exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
