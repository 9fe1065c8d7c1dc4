package fasttrack

import "math"

// metric is a row of the table metrics, as MLflow writes it.
type metric struct {
	run, key        string
	value           float64 // finite
	timestamp, step int64
	isNaN           bool
}

// store turns a value into what a row can hold (sanitize_metric_value of mlflow/store/tracking/sqlalchemy_store.py): no
// number is a zero with a mark, and infinity is the largest number.
func (m *metric) store(value float64) {
	switch {
	case math.IsNaN(value):
		m.value, m.isNaN = 0, true
	case math.IsInf(value, 1):
		m.value = math.MaxFloat64
	case math.IsInf(value, -1):
		m.value = -math.MaxFloat64
	default:
		m.value = value
	}
}

// after says whether a metric is more recent than another one of the same name, by MLflow's order. Of equals, the first
// that was logged stays.
func (m *metric) after(other *metric) bool {
	switch {
	case m.step != other.step:
		return m.step > other.step
	case m.timestamp != other.timestamp:
		return m.timestamp > other.timestamp
	}
	return m.value > other.value
}

// columns are metrics as PostgreSQL's arrays.
type columns struct {
	runs, keys        []string
	values            []float64
	timestamps, steps []int64
	nans              []bool
}

func (c *columns) add(m *metric) {
	c.runs, c.keys = append(c.runs, m.run), append(c.keys, m.key)
	c.values = append(c.values, m.value)
	c.timestamps, c.steps = append(c.timestamps, m.timestamp), append(c.steps, m.step)
	c.nans = append(c.nans, m.isNaN)
}

// latest are the most recent of metrics, one for each run and name, in the order of their first occurrence.
func latest(metrics []metric) *columns {
	type name struct{ run, key string }
	place := make(map[name]int, len(metrics))
	var found []*metric
	for i := range metrics {
		m := &metrics[i]
		at, ok := place[name{m.run, m.key}]
		switch {
		case !ok:
			place[name{m.run, m.key}] = len(found)
			found = append(found, m)
		case m.after(found[at]):
			found[at] = m
		}
	}
	c := &columns{}
	for _, m := range found {
		c.add(m)
	}
	return c
}

func all(metrics []metric) *columns {
	c := &columns{}
	for i := range metrics {
		c.add(&metrics[i])
	}
	return c
}
