package tracking_test

import (
	"testing"

	"mlflow-server/e2e/harness"
)

// A host that vanishes says nothing, and its lock would stay for as long as the server's kernel thinks that it is there: here
// the server is asked what its sockets and its sessions have been told.
func TestTheLockOfAVanishedHostIsLetGo(t *testing.T) {
	const lock = `
import sys
from mlflow_serve import database, drivers, guard, locks
drivers.prepare()
engine = database.engine_of(sys.argv[1])
def ask(connection, *names):
    return [connection.exec_driver_sql("SELECT " + name).scalar() for name in names]
`
	t.Run("PostgreSQL", func(t *testing.T) {
		out := withParts(t, lock+`
names = [f"current_setting('{name}')" for name in (
    "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout", "idle_in_transaction_session_timeout")]
held = locks._PostgreSQL(engine)
before = ask(held.connection, names[-2])
assert held.take()
with guard.Guard(None, 1, None).watching(engine), engine.connect() as work:
    told = ask(work, *names)
print(ask(held.connection, *names) == told, told, before)
`, harness.Postgres(t).URL("postgresql+psycopg"))
		if out != "True ['30', '10', '3', '60000', '0'] ['0']" {
			t.Error(out)
		}
	})
	t.Run("MariaDB", func(t *testing.T) {
		out := withParts(t, lock+`
held = locks._MySQL(engine)
assert held.take()
print(ask(held.connection, "@@SESSION.wait_timeout"))
`, harness.MySQL(t).URL("mysql+pymysql"))
		if out != "[300]" {
			t.Error(out)
		}
	})
}
