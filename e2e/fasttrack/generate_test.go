package fasttrack

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// generator makes calls as clients, careless programs and bad luck do. The same seed makes the same calls.
type generator struct {
	*rand.Rand
	runs int
	made int // runs that calls were to make
}

func newGenerator(seed uint64, runs int) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 1)), runs: runs} //nolint:gosec // repeatable, not secret
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

// often is true for all but one of n.
func (g *generator) often(n int) bool { return g.IntN(n) > 0 }

// call is one call: mostly of those that are answered natively, sometimes one of their neighbours that changes what
// these find.
func (g *generator) call() call {
	c := call{method: "POST"}
	var body object
	switch n := g.IntN(132); {
	case n >= 125:
		return g.read("experiments/search", g.experimentsQuery())
	case n >= 120:
		c.path, body = "experiments/search", g.searchExperiments()
	case n >= 108:
		c.path, body = "runs/search", g.searchRuns()
	case n >= 102:
		return call{method: "POST", path: "runs/create", body: g.create().text(g.one("", " "))}
	case n >= 100:
		c.path, body = g.one("experiments/delete", "experiments/restore", "experiments/restore", "experiments/set-experiment-tag"),
			object{{"experiment_id", quote(number(experiments - 1))}, {"key", quote(g.name())}, {"value", g.text(5000)}}
	case n < 30:
		c.path, body = "runs/log-metric", append(g.run(), g.metric()...)
	case n < 52:
		c.path, body = "runs/log-batch", g.batch()
	case n < 62:
		c.path, body = "runs/log-parameter", append(g.run(), g.pair(6000)...)
	case n < 73:
		c.path, body = "runs/set-tag", append(g.run(), g.pair(8000)...)
	case n < 79:
		c.path, body = "runs/update", g.update()
	case n < 88:
		return g.read("runs/get", g.query())
	case n < 95:
		return g.read("metrics/get-history", g.query()+"&metric_key="+g.one("a", "a", "loss", "a/b", "c%20d", "%C3%A9", "nothing")+
			g.one("", "", "", "", "&max_results=1", "&max_results=2", "&max_results=25000", "&max_results=3", "&max_results=1000", "&max_results=0", "&max_results=-1", "&max_results=x", "&max_results=25001",
				"&max_results=2&page_token=eyJvZmZzZXQiOiAyfQ%3D%3D", "&max_results=2&page_token=eyJvZmZzZXQiOjJ9", "&page_token=bad", "&order=up"))
	case n < 97:
		c.path, body = g.one("runs/delete", "runs/restore", "runs/restore"), object{{"run_id", quote(mark(g.IntN(2)))}}
	case n < 98:
		c.path, body = "runs/delete-tag", object{{"run_id", g.id()}, {"key", quote(g.name())}}
	default:
		c.path, body = "runs/log-inputs", object{{"run_id", quote(mark(0))}, {"datasets", `[{"dataset": {"name": "d", "digest": "` + g.one("1", "2") +
			`", "source_type": "local", "source": "s"}}]`}}
	}
	if !g.often(8) && len(body) > 0 {
		body = g.disturb(body)
	}
	c.body = body.text(g.one("", " ", "\n  "))
	if !g.often(40) {
		c.body = g.spoil(c.body)
	}
	if !g.often(6) {
		c.path = "/ajax-api/2.0/mlflow/" + c.path
	}
	if !g.often(30) {
		c.header = map[string]string{"Content-Type": g.one("", "text/plain", "application/json; charset=utf-8", "application/json;charset=latin-1", "Application/JSON")}
	}
	if !g.often(60) {
		c.header = map[string]string{"X-Mlflow-Workspace": g.one("default", "other")}
	}
	return c
}

// run names a run as the Python client does, or as others do.
func (g *generator) run() object {
	id := g.id()
	switch g.IntN(24) {
	case 0, 1, 2, 3, 6, 7, 8:
		return object{{"run_id", id}}
	case 4:
		return object{{"run_uuid", id}}
	case 5:
		return object{{"run_uuid", g.id()}, {"run_id", id}}
	default:
		return object{{"run_uuid", id}, {"run_id", id}}
	}
}

func (g *generator) id() string {
	if g.often(50) {
		return quote(mark(g.IntN(g.runs)))
	}
	return g.one(`"0123456789abcdef0123456789abcdef"`, `"short"`, `""`, `"no/run"`, `null`, `7`)
}

func (g *generator) query() string {
	id := mark(g.IntN(g.runs))
	both := "run_uuid=" + id + "&run_id=" + id
	return g.one("run_id="+id, "run_id="+id, "run_id="+id, "run_id="+id, both, both, both, both, "run_id="+id+"&run_id="+id, "run_uuid="+id,
		"run_id=0123456789abcdef0123456789abcdef", "run_id=", "run_id="+id+"&x=1")
}

func (g *generator) read(path, query string) call {
	prefix := g.one("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/")
	return call{method: "GET", path: prefix + path + "?" + query}
}

func (g *generator) metric() object {
	m := object{{"key", quote(g.name())}, {"value", g.value()}, {"timestamp", g.time()}}
	if g.often(10) {
		m = append(m, field{"step", g.step()})
	}
	return m
}

// names are few, so that the same rows are written again and again.
func (g *generator) name() string {
	if g.often(24) {
		return g.one("a", "b", "loss", "a/b", "c d", "x:y", "val_loss.mean-1")
	}
	return g.one("é", "損失", "\U0001f600", "", "a//b", "./a", "../a", "..a", "/a", "a/", "a/../b", "a\n", "a\x00", "a,b", `a"b`, `a\b`,
		strings.Repeat("k", 250), strings.Repeat("k", 251), "mlflow.runName", "mlflow.user", "mlflow.note.content")
}

func (g *generator) value() string {
	if g.often(5) {
		return strconv.FormatFloat(float64(g.IntN(40))/8, 'g', -1, 64)
	}
	return g.one(`"NaN"`, `"Infinity"`, `"-Infinity"`, "1e308", "-1e308", "1.7976931348623157e308", "1e309", "-1e400", "5e-324", "1e-400",
		"0", "-0", "-0.0", "0.0", "0.1", "1e16", "123456789012345678", "9007199254740993", "1e22", "1.0e-5", "0.0001", "3.0000000000000004",
		`"1.5"`, `"1e3"`, `" 1"`, `"nan"`, `"inf"`, `""`, "NaN", "Infinity", "true", "null", "[1]", "1E5", "1e+5", "01", "1.", ".5", "+1")
}

func (g *generator) time() string {
	if g.often(24) {
		return strconv.Itoa(1_700_000_000_000 + g.IntN(5))
	}
	return g.one("0", "-1", "1.0", "1.5", "1e3", `"5"`, "9223372036854775807", "9223372036854775808", "null", "true", `"x"`, "00")
}

func (g *generator) step() string {
	if g.often(24) {
		return strconv.Itoa(g.IntN(6))
	}
	return g.one("-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "2.0", "2.5", `"3"`, "null", "-0", "1e2")
}

func (g *generator) pair(most int) object {
	return object{{"key", quote(g.name())}, {"value", g.text(most)}}
}

func (g *generator) text(most int) string {
	if g.often(8) {
		return quote(g.one("1", "2", "adam", "0.001", "ein Wert"))
	}
	return g.one(`""`, `"é"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\u0000"`, `"\u007f\t\n\"\\\/\b\f\r"`, `"<&>"`, "\"a\tb\"", "\"\xff\"", "null", "7",
		"true", `{}`, `["x"]`, quote(strings.Repeat("v", most)), quote(strings.Repeat("v", most+1)), quote(strings.Repeat("é", most)),
		quote(strings.Repeat("\U0001f600", most)))
}

func (g *generator) update() object {
	o := g.run()
	if g.often(5) {
		o = append(o, field{"status", g.one(`"FINISHED"`, `"RUNNING"`, `"FAILED"`, `"KILLED"`, `"SCHEDULED"`, `"FINISHED"`, `"FINISHED"`, `"FINISHED"`, `"FINISHED"`, `"finished"`, `"X"`, "3", `"3"`, "9", "null")})
	}
	if g.often(4) {
		o = append(o, field{"end_time", g.time()})
	}
	if !g.often(12) {
		o = append(o, field{"run_name", g.one(`"another name"`, `""`, `"é"`, "null", "5", quote(strings.Repeat("n", 251)))})
	}
	return o
}

func (g *generator) batch() object {
	o := object{{"run_id", g.id()}}
	metrics, params, tags := g.sizes()
	list := func(name string, n int, element func(i int) object) {
		if n == 0 && g.often(3) {
			return
		}
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(element(i).text(""))
		}
		o = append(o, field{name, "[" + b.String() + "]"})
	}
	usual := metrics > 20
	list("metrics", metrics, func(i int) object {
		if usual {
			return object{{"key", quote(fmt.Sprintf("m%d", i%300))}, {"value", strconv.Itoa(g.IntN(9))}, {"timestamp", number(1_700_000_000_000 + g.IntN(2))},
				{"step", number(g.IntN(3))}}
		}
		m := g.metric()
		if !g.often(20) {
			m = append(m, field{g.one("run_id", "model_id", "dataset_name", "x"), g.one(o[0].value, `""`, `"m"`)})
		}
		return m
	})
	list("params", params, func(i int) object {
		if params > 20 {
			return object{{"key", quote(fmt.Sprintf("p%d", i))}, {"value", `"same"`}}
		}
		return g.pair(6000)
	})
	list("tags", tags, func(i int) object {
		if tags > 20 {
			return object{{"key", quote(fmt.Sprintf("t%d", i%90))}, {"value", quote(number(g.IntN(9)))}}
		}
		return g.pair(8000)
	})
	return o
}

// sizes are how many metrics, params and tags a batch has: few, or as many as are allowed, or one more.
func (g *generator) sizes() (metrics, params, tags int) {
	if g.often(10) {
		return g.IntN(6), g.IntN(3) * g.IntN(2), g.IntN(3) * g.IntN(2)
	}
	switch g.IntN(8) {
	case 0:
		return 1000, 0, 0
	case 1:
		return 1001, 0, 0
	case 2:
		return 0, 100, 100
	case 3:
		return 0, 101, 0
	case 4:
		return 0, 0, 101
	case 5:
		return 800, 100, 100
	case 6:
		return 801, 100, 100
	default:
		return 100, 10, 10
	}
}
