package fasttrack

import (
	"testing"
	"time"
)

func TestTheURISaysWhenAConnectionIsGivenUp(t *testing.T) {
	usual, err := whenLost("postgresql+psycopg://u:p@h/d")
	if err != nil || !usual.keepAlive.Enable || usual.keepAlive.Idle != 30*time.Second || usual.keepAlive.Interval != 10*time.Second ||
		usual.keepAlive.Count != 3 || usual.unheard != time.Minute {
		t.Errorf("%+v %v", usual, err)
	}
	given, err := whenLost("postgresql+psycopg://u:p@h/d?keepalives_idle=77&keepalives_count=2&tcp_user_timeout=5000")
	if err != nil || given.keepAlive.Idle != 77*time.Second || given.keepAlive.Count != 2 || given.unheard != 5*time.Second {
		t.Errorf("%+v %v", given, err)
	}
	if off, err := whenLost("postgresql+psycopg://u:p@h/d?keepalives=0&tcp_user_timeout=0"); err != nil || off.keepAlive.Enable || off.unheard != 0 {
		t.Errorf("%+v %v", off, err)
	}
	if _, err := whenLost("postgresql+psycopg://u:p@h/d?keepalives_idle=soon"); err == nil {
		t.Error("no error")
	}
}
