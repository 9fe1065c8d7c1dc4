package tracking

import (
	"bufio"
	"encoding/json"
	"io"
)

// event is one line of the status pipe; mlflow_serve/report.py writes them.
type event struct {
	Event string `json:"event"` // phase, schema, worker, died, looking, finding, fatal

	Phase    string  `json:"phase"`    // database, importing, migrating, blocked, copied, migrated, serving
	Endpoint string  `json:"endpoint"` // of the database
	Reason   string  `json:"reason"`   // why the database cannot be had yet, a worker died, or who is in the way
	Left     int     `json:"left"`     // seconds that the wait for the database has left
	Found    string  `json:"found"`    // the revision to upgrade from, "" for none
	Latest   string  `json:"latest"`   // the revision that this MLflow has
	Step     int     `json:"step"`     // the revision being applied
	Steps    int     `json:"steps"`    // how many there are to apply
	Waiting  bool    `json:"waiting"`  // for another process's migration
	Seconds  float64 `json:"seconds"`  // that a migration took

	Worker  int    `json:"worker"`  // its index, from 0
	PID     int    `json:"pid"`     // of a worker
	Network string `json:"network"` // unix or tcp
	Address string `json:"address"` // where the worker listens

	Kind    string `json:"kind"`    // of a fatal error
	Message string `json:"message"` // of a fatal error or a finding
	Check   string `json:"check"`   // what a finding is about, or what is looked at
	State   string `json:"state"`   // of what a finding is about: ok, warn, fail
	Fix     string `json:"fix"`     // of a finding
}

// maxEvent bounds a line of the status pipe; Python keeps below 4 KiB, so that its writes are atomic.
const maxEvent = 64 << 10

// readEvents sends every event of the pipe to out until its end. Lines that are none are dropped: a worker that was
// killed while it wrote must not take the launcher with it.
func readEvents(pipe io.Reader, out chan<- event) {
	lines := bufio.NewScanner(pipe)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Event != "" {
			out <- e
		}
	}
	_, _ = io.Copy(io.Discard, pipe) // after a line that is too long: never block the writers
}
