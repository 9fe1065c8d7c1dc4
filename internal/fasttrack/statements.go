package fasttrack

// Statements are those that a call sends, for whoever wants to measure what the database alone does with them.
var Statements = struct {
	// WriteMetrics has the parameters that are explained at addMetrics, GetRun the run's id.
	WriteMetrics, GetRun []string
	// MetricRows is no call's: it writes rows into the table metrics from its parameters, a column each, and nothing else.
	MetricRows []string
}{
	WriteMetrics: []string{addMetrics},
	GetRun:       []string{readRun, readLatest, readParams, readTags},
	MetricRows: []string{`
INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::int8[], $5::int8[], $6::bool[])`},
}
