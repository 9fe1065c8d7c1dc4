package fasttrack

import (
	"fmt"
	"net/http/httptest"
	"testing"
)

func TestASearchIsAnsweredHereOnlyWithoutAFilterAndInAnOrderThatIsKnown(t *testing.T) {
	ids, o, ok := parseSearchRuns([]byte(`{"experiment_ids": ["1", "20"], "max_results": 100, "order_by": ["attributes.start_time DESC"],
		"filter": "", "run_view_type": "ALL", "page_token": "eyJvZmZzZXQiOiAxMDB9"}`))
	if got := fmt.Sprint(ok, ids, o.most, o.from, o.order, o.stages); got != "true [1 20] 100 100attributes.start_time DESC[active deleted]" {
		t.Error(got)
	}
	if _, o, ok := parseSearchRuns([]byte(`{"experiment_ids": ["0"]}`)); !ok || o.most != 1000 || fmt.Sprint(o.stages) != "[active]" {
		t.Errorf("%v %+v", ok, o)
	}
	for name, body := range map[string]string{
		"a filter":          `{"experiment_ids": ["1"], "filter": "metrics.a > 1"}`,
		"another order":     `{"experiment_ids": ["1"], "order_by": ["metrics.a DESC"]}`,
		"two orders":        `{"experiment_ids": ["1"], "order_by": ["start_time DESC", "start_time DESC"]}`,
		"an empty order":    `{"experiment_ids": ["1"], "order_by": [""]}`,
		"no experiment":     `{"max_results": 5}`,
		"none at all":       `{"experiment_ids": []}`,
		"a huge page":       `{"experiment_ids": ["1"], "max_results": 1001}`,
		"an empty page":     `{"experiment_ids": ["1"], "max_results": 0}`,
		"another's token":   `{"experiment_ids": ["1"], "page_token": "eyJvZmZzZXQiOjJ9"}`,
		"a view by number":  `{"experiment_ids": ["1"], "run_view_type": 1}`,
		"an unknown field":  `{"experiment_ids": ["1"], "x": 1}`,
		"a field twice":     `{"experiment_ids": ["1"], "max_results": 1, "max_results": 1}`,
		"a number for text": `{"experiment_ids": [1]}`,
	} {
		if _, _, ok := parseSearchRuns([]byte(body)); ok {
			t.Errorf("%s: not MLflow's", name)
		}
	}
}

func TestExperimentsAreSearchedByClientsAndByTheUserInterface(t *testing.T) {
	for query, want := range map[string]bool{
		"max_results=5&order_by=last_update_time+DESC": true,
		"max_results=1000": true,
		"max_results=5&view_type=ALL&filter=&page_token=":       true,
		"max_results=5&order_by=name+ASC":                       false,
		"max_results=5&order_by=":                               false,
		"max_results=5&order_by=creation_time+DESC&order_by=a":  false,
		"max_results=5&filter=name+ILIKE+%27%25a%25%27":         false,
		"max_results=50000":                                     false,
		"view_type=ALL":                                         false,
		"max_results=5&view_type=1":                             false,
		"max_results=5&x=1":                                     false,
		"max_results=5&page_token=eyJvZmZzZXQiOiA1fQ%3D%3D":     true,
		"max_results=5&order_by=last_update_time%20DESC&page_t": false,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/ajax-api/2.0/mlflow/experiments/search?"+query, nil)
		if _, ok := parseSearchExperiments(&request{Request: r}); ok != want {
			t.Errorf("%s: %t", query, ok)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/2.0/mlflow/experiments/search", nil)
	if o, ok := parseSearchExperiments(&request{Request: r, body: []byte(`{"max_results": 20, "view_type": "DELETED_ONLY"}`)}); !ok || o.most != 20 {
		t.Errorf("%v %+v", ok, o)
	}
}

func TestAPageHasATokenWhereMoreFollows(t *testing.T) {
	o := search{most: 2, from: 4}
	for found, want := range map[int]string{0: "0 ", 2: "2 ", 3: "2 " + token(6)} {
		page, next := o.next(found)
		if got := fmt.Sprint(page, " ", next); got != want {
			t.Errorf("%d found: %s instead of %s", found, got, want)
		}
	}
}
