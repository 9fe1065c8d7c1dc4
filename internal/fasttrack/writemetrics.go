package fasttrack

import (
	"github.com/jackc/pgx/v5"
)

// addMetrics writes metrics ($2 to $7) and the latest of them ($8 to $13) of those of the runs $1 that are there and
// active, and tells which these are. A metric that is there already stays as it is, as with MLflow. The latest are locked in
// the order in which MLflow locks them, so that no two transactions wait for each other
// (_update_latest_metrics_if_necessary).
const addMetrics = `
WITH active AS MATERIALIZED (
	SELECT run_uuid FROM runs WHERE run_uuid = ANY ($1::text[]) AND lifecycle_stage = 'active'
), added AS (
	INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
	SELECT m.* FROM unnest($2::text[], $3::text[], $4::float8[], $5::int8[], $6::int8[], $7::bool[])
		AS m (run_uuid, key, value, timestamp, step, is_nan)
	WHERE m.run_uuid = ANY (ARRAY(SELECT run_uuid FROM active))
	ON CONFLICT DO NOTHING
), renewed AS (
	INSERT INTO latest_metrics AS l (run_uuid, key, value, timestamp, step, is_nan)
	SELECT m.* FROM unnest($8::text[], $9::text[], $10::float8[], $11::int8[], $12::int8[], $13::bool[])
		AS m (run_uuid, key, value, timestamp, step, is_nan)
	WHERE m.run_uuid = ANY (ARRAY(SELECT run_uuid FROM active))
	ORDER BY m.run_uuid, m.key
	ON CONFLICT (key, run_uuid) DO UPDATE
		SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
		WHERE (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
)
SELECT run_uuid FROM active`

// queueMetrics adds the statements that write metrics to a batch; found is called for each run that is there and active.
func queueMetrics(b *pgx.Batch, runs []string, metrics []metric, found func(run string)) {
	rows, last := all(metrics), latest(metrics)
	b.Queue(addMetrics, runs,
		rows.runs, rows.keys, rows.values, rows.timestamps, rows.steps, rows.nans,
		last.runs, last.keys, last.values, last.timestamps, last.steps, last.nans,
	).Query(func(answer pgx.Rows) error {
		var run string
		_, err := pgx.ForEachRow(answer, []any{&run}, func() error { found(run); return nil })
		return err
	})
}

// writeGroup is what the room's queue does.
func (r *Room) writeGroup(group []*job) {
	if alone := group[0].alone; alone != nil {
		ok, err := alone(r.ctx)
		if err != nil {
			r.failed("runs/log-batch", err)
		}
		group[0].result <- ok && err == nil
		return
	}
	r.writeTogether(group)
}

// writeTogether writes the metrics of several calls in one transaction. When that fails, all of them are MLflow's.
func (r *Room) writeTogether(group []*job) {
	metrics := group[0].metrics
	if len(group) > 1 {
		metrics = nil
		for _, j := range group {
			metrics = append(metrics, j.metrics...)
		}
	}
	active := make(map[string]bool, len(group))
	var runs []string
	for _, j := range group {
		if _, there := active[j.run]; !there {
			active[j.run] = false
			runs = append(runs, j.run)
		}
	}
	var b pgx.Batch
	queueMetrics(&b, runs, metrics, func(run string) { active[run] = true })
	err := r.pool.SendBatch(r.ctx, &b).Close()
	if err != nil {
		r.failed("runs/log-metric", err)
	}
	for _, j := range group {
		j.result <- err == nil && active[j.run]
	}
}
