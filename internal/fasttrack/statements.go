package fasttrack

// Statements are those that a call sends, for whoever wants to measure what the database alone does with them.
var Statements = struct {
	// LogMetric and LogBatch write metrics; their parameters are explained at addMetrics. GetRun's have the run's id.
	LogMetric, LogBatch, GetRun []string
}{
	LogMetric: []string{addMetrics},
	LogBatch:  []string{lockLatest, addMetrics},
	GetRun:    []string{readRun, readLatest, readParams, readTags},
}
