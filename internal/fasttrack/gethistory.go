package fasttrack

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// mostHistory is the largest page that is answered here, in metrics: what MLflow's client and its UI ask for.
const mostHistory = 25000

const readHistory = `SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = $1 AND key = $2
ORDER BY timestamp, step, value LIMIT $3 OFFSET $4`

// getHistory answers metrics/get-history. A run that is not there has no history; that is all MLflow says about it.
func (r *Room) getHistory(q *request) bool {
	given, ok := q.query("run_id", "run_uuid", "metric_key", "max_results", "page_token")
	id, key := given["run_id"], given["metric_key"]
	if uuid, both := given["run_uuid"]; !ok || !plainRun(id) || both && uuid != id {
		return false
	}
	if key == "" || !utf8.ValidString(key) || strings.IndexByte(key, 0) >= 0 {
		return false
	}
	most := mostHistory
	text, paged := given["max_results"]
	if paged {
		var ok bool
		if most, ok = plainNumber(text); !ok || most < 1 || most > mostHistory {
			return false
		}
	}
	offset := 0
	if token, given := given["page_token"]; given {
		var ok bool
		if offset, ok = readToken(token); !ok {
			return false
		}
	}
	held, ok := r.hold(q)
	if !ok {
		return false
	}
	defer held.release()
	metrics := list{depth: 2, held: held}
	more := false
	// Planned for these values each time, as MLflow's is: a plan for any run and any limit can be a bad one in a large table.
	rows, err := r.pool.Query(r.ctx, readHistory, pgx.QueryExecModeExec, id, key, most+1, offset)
	if err == nil {
		more, err = metrics.page(rows, most)
	}
	if err != nil {
		if !errors.Is(err, errDeclined) {
			r.failed("metrics/get-history", err)
		}
		return false
	}
	if more && !paged { // all of it is wanted, which is more than is held here
		return false
	}
	w := &writer{}
	w.open('{')
	metrics.into(w, "metrics")
	if more {
		w.str("next_page_token", token(offset+most))
	}
	w.close('}')
	return q.reply(w.text)
}

// page writes at most so many metrics and tells whether there is another one.
func (l *list) page(rows pgx.Rows, most int) (more bool, err error) {
	defer rows.Close()
	err = l.metrics(&limited{Rows: rows, left: most, more: &more})
	return more, err
}

// limited ends rows early.
type limited struct {
	pgx.Rows
	left int
	more *bool
}

// Next implements pgx.Rows.
func (l *limited) Next() bool {
	if !l.Rows.Next() {
		return false
	}
	l.left--
	*l.more = l.left < 0
	return l.left >= 0
}

// token is where a page begins, as MLflow writes it (SearchUtils.create_page_token): base64 of {"offset": 3}.
func token(offset int) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenHead + strconv.Itoa(offset) + "}"))
}

const tokenHead = `{"offset": `

// readToken reads a token that token has written.
func readToken(text string) (offset int, ok bool) {
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return 0, false
	}
	digits, head := strings.CutPrefix(string(decoded), tokenHead)
	digits, tail := strings.CutSuffix(digits, "}")
	offset, ok = plainNumber(digits)
	return offset, ok && head && tail && offset > 0
}

// plainNumber reads a number of at most nine digits, without a sign and leading zeros.
func plainNumber(text string) (int, bool) {
	if text == "" || len(text) > 9 || text[0] == '0' {
		return 0, false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
