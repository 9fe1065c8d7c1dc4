package fasttrack

import (
	"errors"
	"math"

	"github.com/jackc/pgx/v5"
)

// runData is the message RunData of a run, written while its rows come.
type runData struct{ metrics, params, tags list }

// newRunData is of a run whose message stands at this depth, in an answer that is held.
func newRunData(depth int, h *held) *runData {
	l := list{depth: depth + 3, held: h} // in a list in data in the run
	return &runData{l, l, l}
}

func (d *runData) size() int { return len(d.metrics.text) + len(d.params.text) + len(d.tags.text) }

// into writes a whole run. MLflow shows what went into it and came out of it as empty messages; of a run that it has only
// just made, nothing came out.
func (d *runData) into(w *writer, of *run, fresh bool) {
	w.open('{')
	w.name("info")
	of.info(w)
	w.name("data")
	w.open('{')
	d.metrics.into(w, "metrics")
	d.params.into(w, "params")
	d.tags.into(w, "tags")
	w.close('}')
	w.name("inputs")
	w.open('{')
	w.close('}')
	if !fresh {
		w.name("outputs")
		w.open('{')
		w.close('}')
	}
	w.close('}')
}

// list is the elements of an array, written while their rows come.
type list struct {
	text  []byte
	depth int // of the elements
	count int
	held  *held // of the answer
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
	l.held.add(len(w.text) - len(l.text))
	l.text = w.text
}

func (l *list) pair(key, value string) {
	w := l.element()
	w.str("key", key)
	w.str("value", value)
	l.end(w)
}

// metricRow is a row of the tables metrics or latest_metrics, as far as answers show it.
type metricRow struct {
	key             string
	value           float64
	timestamp, step int64
	isNaN           bool
}

const metricColumns = `key, value, timestamp, step, is_nan`

func (m *metricRow) columns() []any { return []any{&m.key, &m.value, &m.timestamp, &m.step, &m.isNaN} }

func (l *list) metric(m *metricRow) {
	value := m.value
	if m.isNaN {
		value = math.NaN()
	}
	w := l.element()
	w.str("key", m.key)
	w.double("value", value)
	w.int("timestamp", m.timestamp)
	w.int("step", m.step)
	l.end(w)
}

var errNull = errors.New("a value is null")

// pairs writes rows of a key and a value.
func (l *list) pairs(rows pgx.Rows) error {
	return readPairs(rows, l.held, func(key, value string) { l.pair(key, value) })
}

// metrics writes rows of a metric's columns.
func (l *list) metrics(rows pgx.Rows) error {
	var m metricRow
	_, err := pgx.ForEachRow(rows, m.columns(), func() error {
		l.metric(&m)
		return l.held.err()
	})
	return err
}

// readPairs reads rows of a key and a value, behind columns that stand before them, into an answer that is held.
func readPairs(rows pgx.Rows, h *held, take func(key, value string), before ...any) error {
	var key, value *string
	_, err := pgx.ForEachRow(rows, append(before, &key, &value), func() error {
		if key == nil || value == nil {
			return errNull
		}
		take(*key, *value)
		return h.err()
	})
	return err
}
