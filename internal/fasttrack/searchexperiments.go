package fasttrack

import (
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
)

// The statements of experiments/search, one for each order that is known (_get_search_experiments_order_by_clauses).
const (
	findExperiments = `SELECT experiment_id, name, artifact_location, lifecycle_stage, last_update_time, creation_time, workspace
FROM experiments WHERE lifecycle_stage = ANY ($1::text[]) ORDER BY `
	findPage = ` OFFSET $2 LIMIT $3`

	tagsOfExperiments = `SELECT experiment_id, key, value FROM experiment_tags WHERE experiment_id = ANY ($1::int[])`
)

var experimentOrders = map[string]string{
	"":                      findExperiments + `creation_time DESC, experiment_id` + findPage,
	"creation_time DESC":    findExperiments + `creation_time DESC, experiment_id DESC` + findPage,
	"last_update_time DESC": findExperiments + `last_update_time DESC, experiment_id DESC` + findPage,
}

// experiment is a row of the table experiments.
type experiment struct {
	id                         int64
	name                       string
	location, stage, workspace *string
	updated, created           *int64
	tags                       list
}

func (e *experiment) columns() []any {
	return []any{&e.id, &e.name, &e.location, &e.stage, &e.updated, &e.created, &e.workspace}
}

// searchExperiments answers experiments/search without a filter.
func (r *Room) searchExperiments(q *request) bool {
	o, ok := parseSearchExperiments(q)
	if !ok {
		return false
	}
	held, ok := r.hold(q)
	if !ok {
		return false
	}
	defer held.release()
	found, err := r.findExperiments(o, held)
	if err != nil {
		if !errors.Is(err, errDeclined) && !errors.Is(err, errNull) {
			r.failed("experiments/search", err)
		}
		return false
	}
	page, next := o.next(len(found))
	w := &writer{}
	w.open('{')
	if page > 0 {
		w.name("experiments")
		w.open('[')
		for _, e := range found[:page] {
			w.item()
			e.into(w)
		}
		w.close(']')
	}
	if next != "" {
		w.str("next_page_token", next)
	}
	w.close('}')
	return q.reply(w.text)
}

// parseSearchExperiments reads the request of a client, which has a body, or of the user interface, which has a query.
func parseSearchExperiments(q *request) (o search, ok bool) {
	o = search{stages: views["ACTIVE_ONLY"]}
	if q.Method == http.MethodGet {
		ok = o.fromQuery(q)
	} else {
		s := &scanner{text: q.body}
		var f fields
		ok = s.object(func(name string) bool { return f.first(name) && o.member(s, name, "view_type") }) && s.end()
	}
	_, known := experimentOrders[o.order]
	return o, ok && known && o.plain()
}

func (o *search) fromQuery(q *request) bool {
	given, ok := q.query("max_results", "view_type", "order_by", "filter", "page_token")
	if !ok || given["filter"] != "" {
		return false
	}
	o.order = given["order_by"]
	if _, there := given["order_by"]; there && o.order == "" {
		return false
	}
	most, ok := plainNumber(given["max_results"])
	o.most = int64(most)
	if view, there := given["view_type"]; there && !o.view(view) {
		return false
	}
	return ok && o.page(given["page_token"])
}

func (r *Room) findExperiments(o search, h *held) ([]*experiment, error) {
	rows, err := r.pool.Query(r.ctx, experimentOrders[o.order], o.stages, o.from, o.most+1)
	if err != nil {
		return nil, err
	}
	var ids []int64
	byID := map[int64]*experiment{}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*experiment, error) {
		e := &experiment{tags: list{depth: 4, held: h}}
		h.add(infoText)
		if err := row.Scan(e.columns()...); err != nil {
			return nil, err
		}
		if e.location == nil || e.stage == nil || e.workspace == nil {
			return nil, errNull
		}
		ids = append(ids, e.id)
		byID[e.id] = e
		return e, h.err()
	})
	if err != nil || len(ids) == 0 {
		return found, err
	}
	tags, err := r.pool.Query(r.ctx, tagsOfExperiments, ids)
	if err != nil {
		return nil, err
	}
	var id int64
	return found, readPairs(tags, h, func(key, value string) { byID[id].tags.pair(key, value) }, &id)
}

// into writes the message Experiment; its fields are in the order of their numbers.
func (e *experiment) into(w *writer) {
	w.open('{')
	w.str("experiment_id", plainInt(e.id))
	w.str("name", e.name)
	w.str("artifact_location", *e.location)
	w.str("lifecycle_stage", *e.stage)
	if e.updated != nil && *e.updated != 0 {
		w.int("last_update_time", *e.updated)
	}
	if e.created != nil && *e.created != 0 {
		w.int("creation_time", *e.created)
	}
	e.tags.into(w, "tags")
	w.str("workspace", *e.workspace)
	w.close('}')
}
