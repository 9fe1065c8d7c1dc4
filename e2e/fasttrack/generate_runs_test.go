package fasttrack

// create makes a run, each with a start of its own: runs that start together come in the order of their ids, which are each
// side's own. It always has a name, since those that MLflow makes up are chance.
func (g *generator) create() object {
	g.made++
	name := quote(g.one("first", "second", "ein Lauf", "é", "a/b"))
	o := object{{"experiment_id", g.experiment()}, {"user_id", g.one(`"ann"`, `"ann"`, `"ann"`, `"é"`, `""`)}}
	tags := []string{}
	for n := range g.IntN(4) {
		key := quote("t" + number(n))
		if !g.often(8) {
			key = quote(g.name())
		}
		tags = append(tags, object{{"key", key}, {"value", g.text(8000)}}.text(" "))
	}
	tagged := g.often(2)
	if tagged {
		tag := name
		if !g.often(10) {
			tag = `"another name"`
		}
		tags = append([]string{object{{"key", `"mlflow.runName"`}, {"value", tag}}.text("")}, tags...)
	}
	o = append(o, field{"tags", array(tags)})
	disturbed := !g.often(8)
	if disturbed {
		o = g.disturb(o)
	}
	if disturbed || !tagged || g.often(3) {
		o = append(object{{"run_name", name}}, o...)
	}
	// MLflow takes what stands before a field that it cannot read.
	return append(object{{"start_time", number(1_700_000_001_000 + g.made)}}, o...)
}

func (g *generator) experiment() string {
	if g.often(40) {
		return quote(number(g.IntN(experiments)))
	}
	return g.one(`"99"`, `""`, `"x"`, `"01"`, `"-1"`, "0", "null", `"4294967296"`)
}

func (g *generator) searchRuns() object {
	var o object
	if g.often(30) {
		ids := []string{g.experiment()}
		for range g.IntN(3) {
			ids = append(ids, g.experiment())
		}
		o = append(o, field{"experiment_ids", array(ids)})
	}
	if g.often(2) {
		o = append(o, field{"max_results", g.most()})
	}
	if g.often(2) {
		order := g.one(`[]`, `["attributes.start_time DESC"]`, `["start_time DESC"]`, `["attribute.start_time DESC"]`)
		if !g.often(5) {
			order = g.one(`["attributes.start_time ASC"]`, `["start_time desc"]`, `["metrics.a DESC"]`, `[""]`,
				`["start_time DESC", "start_time DESC"]`, `["nothing DESC"]`, `null`)
		}
		o = append(o, field{"order_by", order})
	}
	return append(append(o, g.view("run_view_type")...), g.page()...)
}

func (g *generator) searchExperiments() object {
	o := object{{"max_results", g.most()}}
	if !g.often(3) {
		o = append(o, field{"order_by", g.one(`[]`, `["last_update_time DESC"]`, `["last_update_time DESC"]`, `["creation_time DESC"]`,
			`["name ASC"]`, `["experiment_id"]`, `["nothing"]`, `[""]`)})
	}
	return append(append(o, g.view("view_type")...), g.page()...)
}

// query is the same as the user interface asks.
func (g *generator) experimentsQuery() string {
	if g.often(2) {
		return "max_results=" + g.one("5", "2", "3", "1000", "1") + g.one("", "&order_by=last_update_time+DESC", "&view_type=ALL", "&page_token=eyJvZmZzZXQiOiAyfQ%3D%3D")
	}
	return "max_results=" + g.one("5", "2", "3", "1000", "1", "0", "-1", "x", "1001", "50001", "") +
		g.one("", "", "&order_by=last_update_time+DESC", "&order_by=last_update_time%20DESC", "&order_by=creation_time+DESC", "&order_by=name", "&order_by=",
			"&order_by=last_update_time+DESC&order_by=name+ASC") +
		g.one("", "", "&view_type=ACTIVE_ONLY", "&view_type=DELETED_ONLY", "&view_type=ALL", "&view_type=1", "&view_type=x") +
		g.one("", "", "", "&filter=", "&filter=name+ILIKE+%27%25e%25%27") +
		g.one("", "", "", "&page_token=", "&page_token=eyJvZmZzZXQiOiAyfQ%3D%3D", "&page_token=bad", "&page_token=eyJvZmZzZXQiOjJ9")
}

func (g *generator) most() string {
	if g.often(8) {
		return g.one("1", "2", "3", "5", "20", "100", "1000")
	}
	return g.one("1001", "0", "-1", "50001", `"5"`, "2.0", "null")
}

func (g *generator) view(name string) object {
	switch {
	case g.often(3):
		return nil
	case g.often(8):
		return object{{name, g.one(`"ACTIVE_ONLY"`, `"DELETED_ONLY"`, `"ALL"`, `"ALL"`)}}
	}
	return object{{name, g.one(`"x"`, "1", "3", "null")}}
}

func (g *generator) page() (o object) {
	if !g.often(4) {
		o = append(o, field{"page_token", g.one(`""`, `"eyJvZmZzZXQiOiAyfQ=="`, `"eyJvZmZzZXQiOiAxfQ=="`, `"eyJvZmZzZXQiOiAzfQ=="`, `"eyJvZmZzZXQiOjJ9"`, `"bad"`, `"!"`, "null", "2")})
	}
	if !g.often(6) {
		o = append(o, field{"filter", g.one(`""`, `""`, `""`, `"metrics.a > 1"`, `"tags.first = '1'"`, `"x"`, "null", "1")})
	}
	return o
}

// array is a JSON array of these elements.
func array(elements []string) string {
	text := "["
	for i, e := range elements {
		if i > 0 {
			text += ", "
		}
		text += e
	}
	return text + "]"
}
