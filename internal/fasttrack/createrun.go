package fasttrack

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// addRun writes a run ($1) with its tags into an experiment ($2) that is there and active, and tells where its files belong.
// It does nothing when the run is there already, so that it can be repeated.
const addRun = `
WITH place AS (
	SELECT experiment_id, artifact_location || '/' || $1::text || '/artifacts' AS uri FROM experiments
	WHERE experiment_id = $2::int AND lifecycle_stage = 'active' AND artifact_location ~ '` + plainLocation + `'
		AND length(artifact_location) <= 157 -- of the 200 that runs.artifact_uri has
), made AS (
	INSERT INTO runs (run_uuid, experiment_id, artifact_uri, name, user_id, start_time, status, lifecycle_stage,
		source_type, source_name, entry_point_name, source_version)
	SELECT $1::text, experiment_id, uri, $3::text, $4::text, $5::int8, 'RUNNING', 'active', 'UNKNOWN', '', '', '' FROM place
	ON CONFLICT (run_uuid) DO NOTHING
	RETURNING run_uuid
), tagged AS (
	INSERT INTO tags (run_uuid, key, value)
	SELECT made.run_uuid, t.key, t.value FROM made, unnest($6::text[], $7::text[]) AS t (key, value)
)
SELECT uri FROM place`

// plainLocation is an artifact location to which MLflow appends a path by a slash and nothing else (append_to_uri_path): no
// query, no fragment, no slash at the end.
const plainLocation = `^mlflow-artifacts:(/[A-Za-z0-9._-]+)+$`

// newRun is a runs/create that is answered here: one with a name, since those that MLflow makes up are its own.
type newRun struct {
	experiment int64
	user, name string
	start      int64
	tags       pairs
}

// createRun answers runs/create.
func (r *Room) createRun(q *request) bool {
	n, ok := parseCreateRun(q.body)
	if !ok {
		return false
	}
	id := newRunID()
	var uri string
	insert := func() error {
		return r.pool.QueryRow(r.ctx, addRun, id, n.experiment, n.name, n.user, n.start, n.tags.keys, n.tags.values).Scan(&uri)
	}
	err := insert()
	if err != nil && !undone(err) {
		// Nobody knows whether it has been committed, so MLflow must not do it too, whatever becomes of the second attempt.
		// The same again is safe.
		r.failed("runs/create", err)
		if err = insert(); err != nil {
			r.failed("runs/create", err)
			return q.later()
		}
	}
	if err != nil {
		if !errors.Is(err, pgx.ErrNoRows) {
			r.failed("runs/create", err)
		}
		return false
	}
	status, stage := "RUNNING", "active"
	experiment := plainInt(n.experiment)
	made := run{id: id, name: &n.name, user: &n.user, status: &status, artifacts: &uri, stage: &stage, start: &n.start, experiment: &experiment}
	data := newRunData(1, nil)
	for i, key := range n.tags.keys {
		data.tags.pair(key, n.tags.values[i])
	}
	w := &writer{text: make([]byte, 0, 1024+data.size())}
	w.open('{')
	w.name("run")
	data.into(w, &made, true)
	w.close('}')
	return q.reply(w.text)
}

// undone says whether a statement that failed has certainly changed nothing: the database said so and goes on, or was never
// asked. What ends a connection (FATAL) may come after a commit whose answer it cuts off.
func undone(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.SeverityUnlocalized == "ERROR" || errors.Is(err, pgx.ErrNoRows) || pgconn.SafeToRetry(err)
}

func parseCreateRun(body []byte) (n *newRun, ok bool) {
	s := &scanner{text: body}
	var f fields
	n = &newRun{}
	ok = s.object(func(name string) (ok bool) {
		switch name {
		case "experiment_id":
			n.experiment, ok = s.experiment()
		case "user_id":
			n.user, ok = s.str()
		case "run_name":
			n.name, ok = s.str()
		case "start_time":
			n.start, ok = s.integer()
		case "tags":
			ok = s.array(func() bool { return n.tags.fresh(s) })
		}
		return ok && f.first(name)
	}) && s.end()
	if !ok || !f.has("experiment_id", "user_id", "start_time") || n.start < 0 {
		return nil, false
	}
	return n, n.user != "" && n.named() && fits(n.name, maxName) && fits(n.user, maxUser)
}

// named sees to it that the name and the tag with the name are the same. A run without either gets a name from MLflow.
func (n *newRun) named() bool {
	for i, key := range n.tags.keys {
		if key != runNameTag {
			continue
		}
		tag := n.tags.values[i]
		if n.name == "" {
			n.name = tag
		}
		return n.name == tag && tag != ""
	}
	n.tags.keys, n.tags.values = append(n.tags.keys, runNameTag), append(n.tags.values, n.name)
	return n.name != ""
}

// fresh reads one more tag of a run that is made; one that comes twice is MLflow's to refuse.
func (p *pairs) fresh(s *scanner) bool {
	key, value, ok := readPair(s)
	if !ok || !plainName(key) || !fits(value, maxTag) || len(p.keys) >= maxTags {
		return false
	}
	for _, known := range p.keys {
		if known == key {
			return false
		}
	}
	p.keys, p.values = append(p.keys, key), append(p.values, value)
	return true
}

// newRunID is a random UUID of version 4 as uuid4().hex writes it.
func newRunID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return hex.EncodeToString(id[:])
}

// later asks the client to repeat a call, which MLflow's does by itself.
func (q *request) later() bool {
	header := q.w.Header()
	header["Content-Type"] = jsonType
	header.Set("Retry-After", "1")
	q.w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = q.w.Write([]byte(`{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "The database did not answer. Try again."}`))
	return true
}
