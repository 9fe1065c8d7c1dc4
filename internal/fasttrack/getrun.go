package fasttrack

import (
	"errors"

	"github.com/jackc/pgx/v5"
)

// The statements of runs/get, which go to the database together. The lists have no order, as with MLflow: it is the
// database's, and the same statements get the same one.
const (
	readRun = `SELECT ` + runColumns + `, EXISTS (
	SELECT FROM inputs WHERE destination_type = 'RUN' AND destination_id = $1
	UNION ALL SELECT FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id = $1
) FROM runs WHERE run_uuid = $1`
	readLatest = `SELECT ` + metricColumns + ` FROM latest_metrics WHERE run_uuid = $1`
	readParams = `SELECT key, value FROM params WHERE run_uuid = $1`
	readTags   = `SELECT key, value FROM tags WHERE run_uuid = $1`
)

// getRun answers runs/get for a run without datasets and models.
func (r *Room) getRun(q *request) bool {
	given, ok := q.query("run_id", "run_uuid")
	id := given["run_id"]
	if uuid, both := given["run_uuid"]; !ok || !plainRun(id) || both && uuid != id {
		return false
	}
	held, ok := r.hold(q)
	if !ok {
		return false
	}
	defer held.release()
	var found run
	var linked bool
	data := newRunData(1, held)
	var b pgx.Batch
	b.Queue(readRun, id).QueryRow(func(row pgx.Row) error { return row.Scan(append(found.columns(), &linked)...) })
	b.Queue(readLatest, id).Query(data.metrics.metrics)
	b.Queue(readParams, id).Query(data.params.pairs)
	b.Queue(readTags, id).Query(data.tags.pairs)
	if err := r.pool.SendBatch(r.ctx, &b).Close(); err != nil {
		if !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, errNull) && !errors.Is(err, errDeclined) {
			r.failed("runs/get", err)
		}
		return false
	}
	if linked || !found.plain() {
		return false
	}
	w := &writer{text: make([]byte, 0, 1024+data.size())}
	w.open('{')
	w.name("run")
	data.into(w, &found, false)
	w.close('}')
	return q.reply(w.text)
}
