package fasttrack

import (
	"errors"

	"github.com/jackc/pgx/v5"
)

// closeRun sets the status ($2) and the end ($3) of a run that is there and active; what is null stays.
const closeRun = `
UPDATE runs SET status = coalesce($2, status), end_time = coalesce($3, end_time)
WHERE run_uuid = $1 AND lifecycle_stage = 'active'
RETURNING ` + runColumns

// statuses are those of protobuf's enumeration RunStatus.
var statuses = map[string]bool{"RUNNING": true, "SCHEDULED": true, "FINISHED": true, "FAILED": true, "KILLED": true}

// updateRun answers runs/update where it sets the status or the end. A new name is MLflow's.
func (r *Room) updateRun(q *request) bool {
	s := &scanner{text: q.body}
	var f fields
	var id, uuid string
	var status *string
	var end *int64
	ok := s.object(func(name string) (ok bool) {
		switch name {
		case "run_id":
			id, ok = s.str()
		case "run_uuid":
			uuid, ok = s.str()
		case "status":
			var text string
			text, ok = s.str()
			status, ok = &text, ok && statuses[text]
		case "end_time":
			var at int64
			at, ok = s.integer()
			end = &at
		}
		return ok && f.first(name)
	}) && s.end()
	if !ok || !f.has("run_id") || !plainRun(id) || f.has("run_uuid") && uuid != id {
		return false
	}
	var found run
	err := r.pool.QueryRow(r.ctx, closeRun, id, status, end).Scan(found.columns()...)
	if err != nil {
		if !errors.Is(err, pgx.ErrNoRows) {
			r.failed("runs/update", err)
		}
		return false
	}
	if !found.plain() {
		return false
	}
	w := &writer{}
	w.open('{')
	w.name("run_info")
	found.info(w)
	w.close('}')
	return q.reply(w.text)
}
