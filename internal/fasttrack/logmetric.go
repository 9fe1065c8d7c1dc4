package fasttrack

// logMetric answers runs/log-metric, the call that a training loop makes most.
func (r *Room) logMetric(q *request) bool {
	m, ok := parseLogMetric(q.body)
	return ok && r.queue.do(q.Context(), &job{run: m.run, metrics: []metric{m}}) && q.reply(nothing)
}

// parseLogMetric knows all fields but those of models and datasets, which are MLflow's (LogMetric of its service.proto).
func parseLogMetric(body []byte) (m metric, ok bool) {
	s := &scanner{text: body}
	var f fields
	var runUUID string
	ok = s.object(func(name string) (ok bool) {
		switch name {
		case "run_id":
			m.run, ok = s.str()
		case "run_uuid":
			runUUID, ok = s.str()
		default:
			return f.metric(s, name, &m)
		}
		return ok && f.first(name)
	}) && s.end()
	return m, ok && f.has("run_id", "key", "value", "timestamp") && plainRun(m.run) && (!f.has("run_uuid") || runUUID == m.run) &&
		m.plain()
}

// plain says whether MLflow would take the metric as it is.
func (m *metric) plain() bool { return plainName(m.key) && m.timestamp >= 0 }

// fields notes which fields of a message have been seen.
type fields []string

// first reports false for a field that comes again: MLflow would take the last one.
func (f *fields) first(name string) bool {
	if f.has(name) {
		return false
	}
	*f = append(*f, name)
	return true
}

func (f *fields) has(names ...string) bool {
next:
	for _, name := range names {
		for _, seen := range *f {
			if seen == name {
				continue next
			}
		}
		return false
	}
	return true
}

// metric reads one of the fields that a metric has in every message.
func (f *fields) metric(s *scanner, name string, m *metric) (ok bool) {
	switch name {
	case "key":
		m.key, ok = s.str()
	case "value":
		var value float64
		value, ok = s.double()
		m.store(value)
	case "timestamp":
		m.timestamp, ok = s.integer()
	case "step":
		m.step, ok = s.integer()
	}
	return ok && f.first(name)
}
