package metrics

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/fasttrack"
	"mlflow-server/internal/gate"
	"mlflow-server/internal/tracking"
)

var (
	headLine   = regexp.MustCompile(`^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)`)
)

// family is a metric with all its samples.
type family struct {
	kind   string
	values map[string]float64 // by name and labels
	order  []string
}

// parse reads a page as Prometheus does, and complains where Prometheus would.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
func parse(page string) (map[string]*family, error) {
	all := map[string]*family{}
	helped, current := map[string]bool{}, ""
	if !strings.HasSuffix(page, "\n") {
		return nil, fmt.Errorf("the last line has no end")
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		if head := headLine.FindStringSubmatch(line); head != nil {
			name := head[2]
			switch {
			case head[1] == "HELP" && helped[name], head[1] == "TYPE" && all[name] != nil:
				return nil, fmt.Errorf("%s comes twice: %q", name, line)
			case head[1] == "HELP":
				helped[name] = true
			case !helped[name]:
				return nil, fmt.Errorf("no help before %q", line)
			case head[3] != "counter" && head[3] != "gauge" && head[3] != "histogram":
				return nil, fmt.Errorf("unknown type: %q", line)
			default:
				all[name], current = &family{kind: head[3], values: map[string]float64{}}, name
			}
			continue
		}
		sample := sampleLine.FindStringSubmatch(line)
		if sample == nil {
			return nil, fmt.Errorf("no line of the format: %q", line)
		}
		f := all[current]
		name := sample[1]
		if f != nil && f.kind == "histogram" {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				name = strings.TrimSuffix(name, suffix)
			}
		}
		if f == nil || name != current {
			return nil, fmt.Errorf("%q is not below its own TYPE", line)
		}
		if err := checkLabels(sample[2]); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		value, err := strconv.ParseFloat(sample[3], 64)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		series := sample[1] + "{" + sample[2] + "}"
		if _, twice := f.values[series]; twice {
			return nil, fmt.Errorf("%s comes twice", series)
		}
		if f.kind != "gauge" && (value < 0 || math.IsNaN(value)) {
			return nil, fmt.Errorf("%q counts backwards", line)
		}
		f.values[series], f.order = value, append(f.order, series)
	}
	for name, f := range all {
		if f.kind == "counter" != strings.HasSuffix(name, "_total") {
			return nil, fmt.Errorf("%s is a %s", name, f.kind)
		}
		if f.kind == "histogram" {
			if err := f.checkHistogram(name); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func checkLabels(labels string) error {
	seen := map[string]bool{}
	for labels != "" {
		pair := labelPair.FindStringSubmatch(labels)
		if pair == nil {
			return fmt.Errorf("no labels: %q", labels)
		}
		if seen[pair[1]] {
			return fmt.Errorf("the label %s comes twice", pair[1])
		}
		seen[pair[1]] = true
		labels = labels[len(pair[0]):]
	}
	return nil
}

// checkHistogram wants buckets that grow with their bounds, the last of them for everything, and a count that says the same.
func (f *family) checkHistogram(name string) error {
	bucket := regexp.MustCompile(`^` + name + `_bucket\{(.*),le="([^"]*)"\}$`)
	type end struct{ bound, value float64 }
	last := map[string]end{}
	for _, series := range f.order {
		parts := bucket.FindStringSubmatch(series)
		if parts == nil {
			continue
		}
		bound, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", series, err)
		}
		if before, ok := last[parts[1]]; ok && (bound <= before.bound || f.values[series] < before.value) {
			return fmt.Errorf("%s does not grow", series)
		}
		last[parts[1]] = end{bound, f.values[series]}
	}
	for labels, top := range last {
		count, counted := f.values[name+"_count{"+labels+"}"]
		_, summed := f.values[name+"_sum{"+labels+"}"]
		if !math.IsInf(top.bound, 1) || !counted || !summed || count != top.value {
			return fmt.Errorf("the histogram %s{%s} is not whole: up to %v, %v of %v", name, labels, top.bound, top.value, count)
		}
	}
	return nil
}

func TestThePageIsOneThatPrometheusReads(t *testing.T) {
	var requests Requests
	for i, class := range []string{"runs", "runs", "ui", "other", "runs"} {
		requests.began()
		requests.ended(class, 200+i, time.Duration(i*i)*4*time.Second)
	}
	requests.LoginRefused(gate.RefusedBusy)
	w := httptest.NewRecorder()
	Page{
		Requests: &requests, Version: "1.2.3-\"odd\\one", Child: func() tracking.Status {
			return tracking.Status{Ready: true, PID: os.Getppid(), Workers: []tracking.WorkerStatus{{Index: 0, PID: os.Getpid()}, {Index: 1, PID: os.Getpid()}}}
		},
		Native: func() map[string]fasttrack.Count {
			return map[string]fasttrack.Count{"log-batch": {Native: 3, Handed: 1}, "search": {}}
		},
	}.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/-/metrics", nil))
	all, err := parse(w.Body.String())
	if err != nil {
		t.Fatalf("%v in\n%s", err, w.Body)
	}
	if n := all[prefix+"request_seconds"]; n == nil || n.values[prefix+`request_seconds_count{route="runs"}`] != 3 {
		t.Errorf("%+v", n)
	}
}

func TestAPageThatPrometheusRefusesIsSeen(t *testing.T) {
	const head, histogram = "# HELP a_total x\n# TYPE a_total counter\n", "# HELP h x\n# TYPE h histogram\n"
	for _, bad := range []string{
		"a 1\n", "# TYPE a gauge\na 1\n", head + "a_total 1", head + "a_total one\n", head + "a_total -1\n", head + "a_total 1\na_total 2\n",
		head + head, head + "b_total 1\n", head + "a_total{x=1} 1\n", head + `a_total{x="1",x="2"} 1` + "\n", head + `a_total{x="a"b"} 1` + "\n",
		head + `a_total{x="\d"} 1` + "\n", "# HELP a x\n# TYPE a counter\na 1\n",
		histogram + `h_bucket{r="1",le="1"} 2` + "\n" + `h_bucket{r="1",le="+Inf"} 1` + "\n" + `h_sum{r="1"} 1` + "\n" + `h_count{r="1"} 1` + "\n",
		histogram + `h_bucket{r="1",le="1"} 1` + "\n" + `h_sum{r="1"} 1` + "\n" + `h_count{r="1"} 1` + "\n",
		histogram + `h_bucket{r="1",le="+Inf"} 1` + "\n" + `h_sum{r="1"} 1` + "\n" + `h_count{r="1"} 2` + "\n",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("this passes:\n%s", bad)
		}
	}
}
