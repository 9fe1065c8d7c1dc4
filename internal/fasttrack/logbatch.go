package fasttrack

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// batch is a runs/log-batch.
type batch struct {
	run          string
	metrics      []metric
	params, tags pairs
}

// pairs are names and their values, each name once.
type pairs struct {
	keys, values []string
	sent         int // with those that came again
}

// logBatch answers runs/log-batch. A batch of metrics alone shares transactions with others.
func (r *Room) logBatch(q *request) bool {
	b, ok := parseLogBatch(q.body)
	if !ok {
		return false
	}
	j := &job{run: b.run, metrics: b.metrics}
	if len(b.params.keys)+len(b.tags.keys) > 0 {
		j.alone = func(ctx context.Context) (bool, error) { return r.writeBatch(ctx, b) }
	}
	return r.queue.do(q.Context(), j) && q.reply(nothing)
}

func parseLogBatch(body []byte) (b *batch, ok bool) {
	s := &scanner{text: body}
	var f fields
	b = &batch{}
	metricsRun := ""
	ok = s.object(func(name string) bool {
		if !f.first(name) {
			return false
		}
		switch name {
		case "run_id":
			var ok bool
			b.run, ok = s.str()
			return ok
		case "metrics":
			return s.array(func() bool { return b.metric(s, &metricsRun) })
		case "params":
			return s.array(func() bool { return b.params.read(s, maxParam, false) })
		case "tags":
			return s.array(func() bool { return b.tags.read(s, maxTag, true) })
		}
		return false
	}) && s.end()
	if !ok || !plainRun(b.run) || metricsRun != "" && metricsRun != b.run {
		return nil, false
	}
	metrics, params, tags := len(b.metrics), b.params.sent, b.tags.sent
	if metrics > maxMetrics || params > maxParams || tags > maxTags || metrics+params+tags > maxEntities {
		return nil, false
	}
	for i := range b.metrics {
		b.metrics[i].run = b.run
	}
	return b, true
}

// metric reads an element of metrics; its own run_id must be the batch's, and the same in all of them.
func (b *batch) metric(s *scanner, metricsRun *string) bool {
	var m metric
	var f fields
	ok := s.object(func(name string) bool {
		if name != "run_id" {
			return f.metric(s, name, &m)
		}
		run, ok := s.str()
		if *metricsRun == "" {
			*metricsRun = run
		}
		return ok && run != "" && run == *metricsRun && f.first(name)
	})
	b.metrics = append(b.metrics, m)
	return ok && f.has("key", "value", "timestamp") && m.plain()
}

// read reads one more pair. Of tags, the one that comes last counts; params that come twice are MLflow's to refuse.
func (p *pairs) read(s *scanner, longest int, replace bool) bool {
	p.sent++
	key, value, ok := readPair(s)
	if !ok || !plainName(key) || !fits(value, longest) || key == runNameTag && replace {
		return false
	}
	for i, known := range p.keys {
		if known == key {
			p.values[i] = value
			return replace
		}
	}
	p.keys, p.values = append(p.keys, key), append(p.values, value)
	return true
}

func readPair(s *scanner) (key, value string, ok bool) {
	var f fields
	ok = s.object(func(name string) (ok bool) {
		switch name {
		case "key":
			key, ok = s.str()
		case "value":
			value, ok = s.str()
		}
		return ok && f.first(name)
	})
	return key, value, ok && f.has("key", "value")
}

const (
	isActive = `SELECT EXISTS (SELECT FROM runs WHERE run_uuid = $1::text AND lifecycle_stage = 'active')`

	addParams = `
INSERT INTO params (key, value, run_uuid) SELECT p.key, p.value, $1::text FROM unnest($2::text[], $3::text[]) AS p (key, value)
WHERE EXISTS (SELECT FROM runs WHERE run_uuid = $1::text AND lifecycle_stage = 'active')
ON CONFLICT (key, run_uuid) DO NOTHING`

	sameParams = `
SELECT count(*) FROM params p JOIN unnest($2::text[], $3::text[]) AS n (key, value) ON p.key = n.key AND p.value = n.value
WHERE p.run_uuid = $1::text`

	putTags = `
INSERT INTO tags AS t (key, value, run_uuid) SELECT n.key, n.value, $1::text FROM unnest($2::text[], $3::text[]) AS n (key, value)
WHERE EXISTS (SELECT FROM runs WHERE run_uuid = $1::text AND lifecycle_stage = 'active')
ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value WHERE t.value IS DISTINCT FROM excluded.value`
)

// errDeclined rolls a transaction back whose request is MLflow's.
var errDeclined = errors.New("left to MLflow")

// writeBatch writes a batch in a transaction of its own: all of it, or nothing and false.
func (r *Room) writeBatch(ctx context.Context, b *batch) (bool, error) {
	err := pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		active, same := false, int64(len(b.params.keys))
		var first pgx.Batch
		first.Queue(isActive, b.run).QueryRow(func(row pgx.Row) error { return row.Scan(&active) })
		if len(b.params.keys) > 0 {
			first.Queue(addParams, b.run, b.params.keys, b.params.values)
			first.Queue(sameParams, b.run, b.params.keys, b.params.values).QueryRow(func(row pgx.Row) error { return row.Scan(&same) })
		}
		if err := tx.SendBatch(ctx, &first).Close(); err != nil {
			return err
		}
		if !active || same != int64(len(b.params.keys)) { // a param that has another value
			return errDeclined
		}
		var rest pgx.Batch
		if len(b.metrics) > 0 {
			active = false
			queueMetrics(&rest, []string{b.run}, b.metrics, func(string) { active = true })
		}
		if len(b.tags.keys) > 0 {
			rest.Queue(putTags, b.run, b.tags.keys, b.tags.values)
		}
		if err := tx.SendBatch(ctx, &rest).Close(); err != nil {
			return err
		}
		if !active { // deleted meanwhile
			return errDeclined
		}
		return nil
	})
	if errors.Is(err, errDeclined) {
		return false, nil
	}
	return err == nil, err
}
