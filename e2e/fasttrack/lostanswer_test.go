package fasttrack

import (
	"bytes"
	"encoding/binary"
	"net"
	"strconv"
	"sync/atomic"
	"testing"

	"mlflow-server/e2e/harness"
)

// TestARunWhoseMakingWasNotAnsweredIsMadeOnce lets the database commit, and the connection end before it says so: alone among
// the calls, a repeated runs/create would do something else.
func TestARunWhoseMakingWasNotAnsweredIsMadeOnce(t *testing.T) {
	database := harness.Postgres(t)
	door := listen(t, database)
	s := startOn(t, "true", database, door.database)
	s.create(t, 0)
	s.isOn(t)
	db := harness.OpenPostgres(t, database)
	for n, tt := range []struct {
		name          string
		lost, refused int32 // answers, and statements after them
		status        int
	}{{"one answer is lost", 1, 0, 200}, {"the next one too", 2, 0, 503}, {"the second attempt is refused", 1, 1, 503}} {
		t.Run(tt.name, func(t *testing.T) {
			s.answersAgain(t)
			door.lose.Store(tt.lost)
			door.refuse.Store(tt.refused)
			a := s.send(t, call{method: "POST", path: "runs/create", body: `{"experiment_id": "0", "user_id": "ann", "run_name": "` + marked +
				number(n) + `", "start_time": ` + number(n) + `, "tags": [{"key": "a", "value": "1"}]}`})
			if a.Status != tt.status || door.lose.Load() != 0 || door.refuse.Load() != 0 {
				t.Errorf("%d %s; %d answers have not been lost, %d statements not refused", a.Status, a.Body, door.lose.Load(), door.refuse.Load())
			}
			var runs, tags int
			if err := db.QueryRowContext(t.Context(), "SELECT count(DISTINCT r.run_uuid), count(*) FROM runs r JOIN tags USING (run_uuid) WHERE name = $1",
				marked+number(n)).Scan(&runs, &tags); err != nil {
				t.Fatal(err)
			}
			if runs != 1 || tags != 2 {
				t.Errorf("%d runs with %d tags", runs, tags)
			}
		})
	}
}

// answersAgain waits until the pause after a failure is over.
func (s *side) answersAgain(t *testing.T) {
	t.Helper()
	s.eventually(t, func() bool {
		before, _ := s.counts(t)
		s.send(t, call{method: "GET", path: "runs/get?run_id={run:0}"})
		after, _ := s.counts(t)
		return after["runs/get"] > before["runs/get"]
	})
}

// marked begins the names of runs whose answers the door may lose.
const marked = "lost answer "

// refusal is PostgreSQL's answer to a statement that takes too long (ErrorResponse, ReadyForQuery).
var refusal = func() []byte {
	const fields = "SERROR\x00VERROR\x00C57014\x00Mcanceling statement due to statement timeout\x00\x00"
	message := binary.BigEndian.AppendUint32([]byte("E"), uint32(4+len(fields)))
	return append(append(message, fields...), 'Z', 0, 0, 0, 5, 'I')
}()

// door passes connections on to a database.
type door struct {
	database harness.Database // as it is reached through the door
	lose     atomic.Int32     // how many answers to what has the mark in it are lost, with their connections
	refuse   atomic.Int32     // how many such statements are refused after that, as at a timeout
}

func listen(t *testing.T, behind harness.Database) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &door{database: behind}
	d.database.Host, d.database.Port = "127.0.0.1", l.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort(behind.Host, strconv.Itoa(behind.Port)))
			if err != nil {
				_ = client.Close()
				continue
			}
			go d.pass(client, server)
		}
	}()
	return d
}

func (d *door) pass(client, server net.Conn) {
	var losing atomic.Bool
	end := func() { _ = client.Close(); _ = server.Close() }
	go func() {
		defer end()
		b := make([]byte, 64<<10)
		for {
			n, err := client.Read(b)
			switch {
			case !bytes.Contains(b[:n], []byte(marked)):
			case d.lose.Load() > 0:
				losing.Store(true)
			case d.refuse.Load() > 0:
				d.refuse.Add(-1)
				_, _ = client.Write(refusal)
				continue
			}
			if _, wrong := server.Write(b[:n]); err != nil || wrong != nil {
				return
			}
		}
	}()
	defer end()
	b := make([]byte, 64<<10)
	for {
		n, err := server.Read(b)
		if losing.Load() {
			// PostgreSQL answers when it has committed.
			d.lose.Add(-1)
			return
		}
		if _, wrong := client.Write(b[:n]); err != nil || wrong != nil {
			return
		}
	}
}
