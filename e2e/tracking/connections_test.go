package tracking_test

import "testing"

// A burst opens more connections than the pool keeps. What the closer of idle ones knows must not grow with every burst.
func TestTheCloserOfIdleConnectionsForgetsThoseThatThePoolCloses(t *testing.T) {
	out := withParts(t, `
import gc, sys, time
import sqlalchemy, sqlalchemy.event
from mlflow_serve import connections

engine = sqlalchemy.create_engine("sqlite:///a.db", pool_size=2, max_overflow=2)
closed = []
sqlalchemy.event.listen(engine, "close", lambda connection, record: closed.append(1))
connections.begin()
closer = connections.IdleCloser(engine, 0.2)

def burst():
    all = [engine.connect() for _ in range(4)]
    for c in all: assert c.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
    for c in all: c.close()

def settled(what):
    for _ in range(6000):
        gc.collect()
        with closer.changed:  # not while it is closing one, which it notes first
            if what(): return
        time.sleep(0.01)
    sys.exit(f"idle {len(closer.idle)}, closed {len(closer.closed)}, pool {engine.pool.status()}")

for _ in range(25): burst()
assert len(closer.idle) <= 2, f"{len(closer.idle)} connections are idle, and the pool keeps 2"
settled(lambda: not closer.idle and len(closer.closed) == 2)   # those of the pool were closed, and nobody has renewed them
assert len(closed) >= 52, closed                               # 25 times two too many, and those
burst()
settled(lambda: not closer.idle and len(closer.closed) == 2)
engine.dispose()
del engine
print("good")
`)
	if out != "good" {
		t.Error(out)
	}
}
