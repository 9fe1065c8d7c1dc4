package fasttrack

// putTag sets a tag of a run that is there and active, and tells whether there is such a run.
const putTag = `
WITH active AS MATERIALIZED (
	SELECT run_uuid FROM runs WHERE run_uuid = $1::text AND lifecycle_stage = 'active'
), put AS (
	INSERT INTO tags AS t (key, value, run_uuid) SELECT $2::text, $3::text, run_uuid FROM active
	ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value WHERE t.value IS DISTINCT FROM excluded.value
)
SELECT EXISTS (SELECT FROM active)`

// setTag answers runs/set-tag, but for the tag that is the run's name.
func (r *Room) setTag(q *request) bool {
	run, key, value, ok := parsePair(q.body, maxTag)
	if !ok || key == runNameTag {
		return false
	}
	var active bool
	if err := r.pool.QueryRow(r.ctx, putTag, run, key, value).Scan(&active); err != nil {
		r.failed("runs/set-tag", err)
		return false
	}
	return active && q.reply(nothing)
}
