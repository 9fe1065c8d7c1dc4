package tracking_test

import (
	"encoding/json"
	"testing"

	"mlflow-server/e2e/harness"
)

// The kernel has to find out that a database's network is gone; here it is asked what it was told.
func TestAConnectionToPostgreSQLDoesNotWaitForALostNetworkForEver(t *testing.T) {
	uri := harness.Postgres(t).URL("postgresql+psycopg")
	out := withParts(t, `
import json, socket, sys
import sqlalchemy
from mlflow_serve import drivers
drivers.prepare()

def told(uri):
    with sqlalchemy.create_engine(uri).connect() as connection:
        sock = socket.socket(fileno=connection.connection.fileno())
        try:
            tcp = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            return [sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), *(sock.getsockopt(socket.IPPROTO_TCP, o) for o in tcp)]
        finally:
            sock.detach()

print(json.dumps([told(sys.argv[1]), told(sys.argv[1] + "?keepalives_idle=77&tcp_user_timeout=5000")]))
`, uri)
	var got [2][5]int
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if want := [2][5]int{{1, 30, 10, 3, 60000}, {1, 77, 10, 3, 5000}}; got != want {
		t.Errorf("keep alive, idle, interval, count, user timeout: %v, want %v", got, want)
	}
}
