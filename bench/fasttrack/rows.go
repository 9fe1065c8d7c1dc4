package fasttrack

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/lib/pq"
)

// fill adds so many rows to the table of metrics, spread over the runs of all servers.
func fill(ctx context.Context, database string, all []*server, rows int) (err error) {
	db, err := sql.Open("postgres", strings.Replace(database, "postgresql+psycopg", "postgres", 1)+"?sslmode=disable")
	if err != nil {
		return err
	}
	defer db.Close()
	var runs []string
	for _, s := range all {
		runs = append(append(runs, s.client.runs...), s.client.read...)
	}
	for _, statement := range []struct {
		text   string
		values []any
	}{
		{`INSERT INTO metrics (run_uuid, key, value, timestamp, step, is_nan)
SELECT ($1::text[])[i % $2::int + 1], 'filler-' || i % 50, i, $3::bigint + i, i, false FROM generate_series(1, $4::int) AS i`,
			[]any{pq.Array(runs), len(runs), began, rows}},
		{"ANALYZE metrics", nil},
		{"CHECKPOINT", nil},
	} {
		if _, err := db.ExecContext(ctx, statement.text, statement.values...); err != nil {
			return fmt.Errorf("filling the table of metrics: %w", err)
		}
	}
	return nil
}

// crowd measures again with many rows in the table of metrics.
func (b *bench) crowd(ctx context.Context) error {
	if b.Rows == 0 {
		return nil
	}
	b.say(fmt.Sprintf("filling the table of metrics with %d rows", b.Rows))
	if err := fill(ctx, b.database, b.all, b.Rows); err != nil {
		return err
	}
	table := b.table(fmt.Sprintf("The same with %d million more rows in the table of metrics", b.Rows/1_000_000))
	for _, n := range crowded {
		connections := b.Fleet[len(b.Fleet)/2]
		w := works[n]
		w.expected = 0
		cells, err := b.turns(ctx, w, connections)
		if err != nil {
			return err
		}
		table.add(w, connections, cells)
	}
	b.result.Tables = append(b.result.Tables, table.Table)
	return nil
}
