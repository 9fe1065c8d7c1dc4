package fasttrack

// addParam adds a param to a run that is there and active, and tells whether there is such a run and which value the
// param had before.
const addParam = `
WITH active AS MATERIALIZED (
	SELECT run_uuid FROM runs WHERE run_uuid = $1::text AND lifecycle_stage = 'active'
), added AS (
	INSERT INTO params (key, value, run_uuid) SELECT $2::text, $3::text, run_uuid FROM active
	ON CONFLICT (key, run_uuid) DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM active), EXISTS (SELECT FROM added), (SELECT value FROM params WHERE run_uuid = $1::text AND key = $2::text)`

// logParameter answers runs/log-parameter. A param has one value for ever: the same one again is fine, another one is
// MLflow's to refuse.
func (r *Room) logParameter(q *request) bool {
	run, key, value, ok := parsePair(q.body, maxParam)
	if !ok {
		return false
	}
	var active, added bool
	var before *string
	if err := r.pool.QueryRow(r.ctx, addParam, run, key, value).Scan(&active, &added, &before); err != nil {
		r.failed("runs/log-parameter", err)
		return false
	}
	return active && (added || before != nil && *before == value) && q.reply(nothing)
}

// parsePair reads the messages LogParam and SetTag, which have the same fields.
func parsePair(body []byte, longest int) (run, key, value string, ok bool) {
	s := &scanner{text: body}
	var f fields
	var runUUID string
	ok = s.object(func(name string) (ok bool) {
		switch name {
		case "run_id":
			run, ok = s.str()
		case "run_uuid":
			runUUID, ok = s.str()
		case "key":
			key, ok = s.str()
		case "value":
			value, ok = s.str()
		}
		return ok && f.first(name)
	}) && s.end()
	ok = ok && f.has("run_id", "key", "value") && (!f.has("run_uuid") || runUUID == run) &&
		plainRun(run) && plainName(key) && fits(value, longest)
	return run, key, value, ok
}
