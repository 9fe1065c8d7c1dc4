package fasttrack

import (
	"errors"
	"math"

	"github.com/jackc/pgx/v5"
)

// The statements of runs/get, which go to the database together. The lists have no order, as with MLflow: it is the
// database's, and the same statements get the same one.
const (
	readRun = `SELECT ` + runColumns + `, EXISTS (
	SELECT FROM inputs WHERE destination_type = 'RUN' AND destination_id = $1
	UNION ALL SELECT FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id = $1
) FROM runs WHERE run_uuid = $1`
	readLatest = `SELECT key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid = $1`
	readParams = `SELECT key, value FROM params WHERE run_uuid = $1`
	readTags   = `SELECT key, value FROM tags WHERE run_uuid = $1`
)

// runText is more than most runs' JSON takes, in bytes.
const runText = 256 << 10

// getRun answers runs/get for a run without datasets and models.
func (r *Room) getRun(q *request) bool {
	given, ok := q.query("run_id", "run_uuid")
	id := given["run_id"]
	if uuid, both := given["run_uuid"]; !ok || !plainRun(id) || both && uuid != id {
		return false
	}
	release, ok := r.hold(q, runText)
	if !ok {
		return false
	}
	defer release()
	var found run
	var linked bool
	metrics, params, tags := list{depth: 4}, list{depth: 4}, list{depth: 4}
	var b pgx.Batch
	b.Queue(readRun, id).QueryRow(func(row pgx.Row) error { return row.Scan(append(found.columns(), &linked)...) })
	b.Queue(readLatest, id).Query(metrics.metrics)
	b.Queue(readParams, id).Query(params.pairs)
	b.Queue(readTags, id).Query(tags.pairs)
	if err := r.pool.SendBatch(r.ctx, &b).Close(); err != nil {
		if !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, errNull) {
			r.failed("runs/get", err)
		}
		return false
	}
	if linked || !found.plain() {
		return false
	}
	w := &writer{text: make([]byte, 0, 1024+len(metrics.text)+len(params.text)+len(tags.text))}
	w.open('{')
	w.name("run")
	w.open('{')
	w.name("info")
	found.info(w)
	w.name("data")
	w.open('{')
	metrics.into(w, "metrics")
	params.into(w, "params")
	tags.into(w, "tags")
	w.close('}')
	w.name("inputs")
	w.open('{')
	w.close('}')
	w.name("outputs")
	w.open('{')
	w.close('}')
	w.close('}')
	w.close('}')
	return q.reply(w.text)
}

// list is the elements of an array, written while their rows come.
type list struct {
	text  []byte
	depth int // of the elements
	count int
}

// into writes the array, unless it is empty: protobuf has no empty lists.
func (l *list) into(w *writer, name string) {
	if l.count == 0 {
		return
	}
	w.name(name)
	w.open('[')
	w.text = append(w.text, l.text...)
	w.empty = false
	w.close(']')
}

// element begins an element, at the place where it will stand.
func (l *list) element() *writer {
	w := &writer{text: l.text, depth: l.depth, empty: l.count == 0}
	w.item()
	w.open('{')
	l.count++
	return w
}

func (l *list) end(w *writer) {
	w.close('}')
	l.text = w.text
}

var errNull = errors.New("a value is null")

func (l *list) pairs(rows pgx.Rows) error {
	var key, value *string
	_, err := pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		if key == nil || value == nil {
			return errNull
		}
		w := l.element()
		w.str("key", *key)
		w.str("value", *value)
		l.end(w)
		return nil
	})
	return err
}

func (l *list) metrics(rows pgx.Rows) error {
	var m struct {
		key             string
		value           float64
		timestamp, step int64
		isNaN           bool
	}
	_, err := pgx.ForEachRow(rows, []any{&m.key, &m.value, &m.timestamp, &m.step, &m.isNaN}, func() error {
		if m.isNaN {
			m.value = math.NaN()
		}
		w := l.element()
		w.str("key", m.key)
		w.double("value", m.value)
		w.int("timestamp", m.timestamp)
		w.int("step", m.step)
		l.end(w)
		return nil
	})
	return err
}
