package fasttrack

import (
	"slices"
	"strconv"
)

// search is what a search asks for: a page of the rows in some stages of life, without a filter.
type search struct {
	stages     []string
	order      string // how the client wrote it; "" is the default order
	most, from int64  // rows in a page, and before it
}

// mostFound is the largest page that is answered here: what MLflow's client and its UI ask for.
const mostFound = 1000

// views are those of protobuf's enumeration ViewType.
var views = map[string][]string{"ACTIVE_ONLY": {"active"}, "DELETED_ONLY": {"deleted"}, "ALL": {"active", "deleted"}}

// member reads what all searches have in common; view is what the field with the stages is called.
func (o *search) member(s *scanner, name, view string) (ok bool) {
	switch name {
	case view:
		var text string
		text, ok = s.str()
		return ok && o.view(text)
	case "filter":
		var text string
		text, ok = s.str()
		return ok && text == ""
	case "max_results":
		o.most, ok = s.integer()
	case "order_by":
		return s.array(func() (ok bool) {
			if o.order != "" {
				return false
			}
			o.order, ok = s.str()
			return ok && o.order != ""
		})
	case "page_token":
		var text string
		text, ok = s.str()
		return ok && o.page(text)
	}
	return ok
}

func (o *search) view(text string) (ok bool) {
	o.stages, ok = views[text]
	return ok
}

func (o *search) page(token string) bool {
	if token == "" {
		return true
	}
	from, ok := readToken(token)
	o.from = int64(from)
	return ok
}

func (o *search) plain() bool { return o.most >= 1 && o.most <= mostFound }

// plainExperiment reads an experiment's id as MLflow writes it.
func plainExperiment(text string) (id int64, ok bool) {
	id, err := strconv.ParseInt(text, 10, 32)
	return id, err == nil && id >= 0 && plainInt(id) == text
}

func plainInt(n int64) string { return strconv.FormatInt(n, 10) }

// experiment reads an experiment's id.
func (s *scanner) experiment() (id int64, ok bool) {
	text, ok := s.str()
	if !ok {
		return 0, false
	}
	return plainExperiment(text)
}

// next tells the token of the next page, "" where there is none, and how many of the rows that were found are this page's.
// One row more than a page has been asked for.
func (o *search) next(found int) (page int, next string) {
	if int64(found) <= o.most {
		return found, ""
	}
	return int(o.most), token(int(o.from + o.most))
}

// oneOf says whether the order is one of these.
func (o *search) oneOf(orders ...string) bool { return slices.Contains(orders, o.order) }
