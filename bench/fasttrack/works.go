package fasttrack

import "mlflow-server/bench/load"

// work is a kind of request.
type work struct {
	name    string
	request func(*client) load.Request
	metrics int // that each request logs
	// expected is our rate with key connections to that of "mlflow server", at least; 0 expects nothing.
	expected float64
	// few leaves all numbers of connections but key out.
	few bool
}

var works = []work{
	{name: "`runs/log-metric`", request: (*client).logMetric, metrics: 1, expected: 30},
	{name: "`runs/log-batch` of 1", request: batch(1), metrics: 1, few: true},
	{name: "`runs/log-batch` of 100", request: batch(100), metrics: 100, expected: 30},
	{name: "`runs/log-batch` of 1,000", request: batch(1000), metrics: 1000, few: true},
	{name: "`runs/log-parameter`", request: (*client).logParameter},
	{name: "`runs/set-tag`", request: (*client).setTag},
	{name: "`runs/update`", request: (*client).update},
	{name: "`runs/get`", request: (*client).getRun, expected: 25},
	{name: "`metrics/get-history` of 1,000", request: (*client).getHistory},
	{name: "`runs/create`", request: (*client).createRun},
	{name: "`runs/search`, 16 runs", request: (*client).searchRuns},
	{name: "`experiments/search`, 20 experiments", request: (*client).searchExperiments},
}

// crowded are measured again when the table of metrics is large.
var crowded = []int{0, 2, 7, 8}
