package fasttrack

import (
	"errors"

	"github.com/jackc/pgx/v5"
)

// The statements of runs/search. The first has the page's runs; a run without a start comes last where the client names the
// order (_get_orderby_clauses), else where the database puts it.
const (
	findRuns = `SELECT ` + runColumns + ` FROM runs WHERE experiment_id = ANY ($1::int[]) AND lifecycle_stage = ANY ($2::text[])
ORDER BY start_time DESC, run_uuid OFFSET $3 LIMIT $4`
	findRunsByStart = `SELECT ` + runColumns + ` FROM runs WHERE experiment_id = ANY ($1::int[]) AND lifecycle_stage = ANY ($2::text[])
ORDER BY start_time DESC NULLS LAST, run_uuid OFFSET $3 LIMIT $4`

	anyLinked = `SELECT EXISTS (
	SELECT FROM inputs WHERE destination_type = 'RUN' AND destination_id = ANY ($1::text[])
	UNION ALL SELECT FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id = ANY ($1::text[])
)`
	latestOfAll = `SELECT run_uuid, ` + metricColumns + ` FROM latest_metrics WHERE run_uuid = ANY ($1::text[])`
	paramsOfAll = `SELECT run_uuid, key, value FROM params WHERE run_uuid = ANY ($1::text[])`
	tagsOfAll   = `SELECT run_uuid, key, value FROM tags WHERE run_uuid = ANY ($1::text[])`
)

// infoText is about what a run or an experiment takes in a list beside what has been logged to it, in bytes.
const infoText = 1 << 10

// searchRuns answers runs/search without a filter, the newest first, where no run of the page has datasets or models.
func (r *Room) searchRuns(q *request) bool {
	experiments, o, ok := parseSearchRuns(q.body)
	if !ok {
		return false
	}
	held, ok := r.hold(q)
	if !ok {
		return false
	}
	defer held.release()
	found, data, err := r.findRuns(experiments, o, held)
	if err != nil {
		if !errors.Is(err, errDeclined) && !errors.Is(err, errNull) {
			r.failed("runs/search", err)
		}
		return false
	}
	page, next := o.next(len(found))
	size := 1024
	for _, of := range found[:page] {
		size += infoText + data[of.id].size()
	}
	w := &writer{text: make([]byte, 0, size)}
	w.open('{')
	if page > 0 {
		w.name("runs")
		w.open('[')
		for i := range found[:page] {
			w.item()
			data[found[i].id].into(w, &found[i], false)
		}
		w.close(']')
	}
	if next != "" {
		w.str("next_page_token", next)
	}
	w.close('}')
	return q.reply(w.text)
}

func parseSearchRuns(body []byte) (experiments []int64, o search, ok bool) {
	s := &scanner{text: body}
	var f fields
	o = search{stages: views["ACTIVE_ONLY"], most: 1000}
	ok = s.object(func(name string) bool {
		if !f.first(name) {
			return false
		}
		if name != "experiment_ids" {
			return o.member(s, name, "run_view_type")
		}
		return s.array(func() bool {
			id, ok := s.experiment()
			experiments = append(experiments, id)
			return ok
		})
	}) && s.end()
	return experiments, o, ok && len(experiments) > 0 && o.plain() &&
		o.oneOf("", "attributes.start_time DESC", "attribute.start_time DESC", "start_time DESC")
}

// findRuns reads a page of runs, and one more if there is one, with what has been logged to them.
func (r *Room) findRuns(experiments []int64, o search, h *held) (found []run, data map[string]*runData, err error) {
	statement := findRuns
	if o.order != "" {
		statement = findRunsByStart
	}
	rows, err := r.pool.Query(r.ctx, statement, experiments, o.stages, o.from, o.most+1)
	if err != nil {
		return nil, nil, err
	}
	found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (of run, err error) {
		h.add(infoText)
		return of, errors.Join(h.err(), row.Scan(of.columns()...))
	})
	if err != nil {
		return nil, nil, err
	}
	data = make(map[string]*runData, len(found))
	ids := make([]string, 0, len(found))
	for i := range found {
		if !found[i].plain() {
			return nil, nil, errDeclined
		}
		ids = append(ids, found[i].id)
		data[found[i].id] = newRunData(2, h)
	}
	if len(ids) == 0 {
		return found, data, nil
	}
	return found, data, r.readAll(ids, data, h)
}

// readAll reads what has been logged to these runs.
func (r *Room) readAll(ids []string, data map[string]*runData, h *held) error {
	var id string
	var linked bool
	var b pgx.Batch
	b.Queue(anyLinked, ids).QueryRow(func(row pgx.Row) error { return row.Scan(&linked) })
	b.Queue(latestOfAll, ids).Query(func(rows pgx.Rows) error {
		var m metricRow
		_, err := pgx.ForEachRow(rows, append([]any{&id}, m.columns()...), func() error {
			data[id].metrics.metric(&m)
			return h.err()
		})
		return err
	})
	b.Queue(paramsOfAll, ids).Query(func(rows pgx.Rows) error {
		return readPairs(rows, h, func(key, value string) { data[id].params.pair(key, value) }, &id)
	})
	b.Queue(tagsOfAll, ids).Query(func(rows pgx.Rows) error {
		return readPairs(rows, h, func(key, value string) { data[id].tags.pair(key, value) }, &id)
	})
	if err := r.pool.SendBatch(r.ctx, &b).Close(); err != nil {
		return err
	}
	if linked {
		return errDeclined
	}
	return nil
}
