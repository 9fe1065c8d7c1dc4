package fasttrack

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// answered says whether the database is there and has refused something, as opposed to one that cannot be reached or is
// about to stop.
func answered(err error) bool {
	var refusal *pgconn.PgError
	// Classes 40 (deadlock, serialization), 23 (constraints) and 22 (data, such as a text that is too long) are about single
	// rows; all others would come again. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
	return errors.As(err, &refusal) && len(refusal.Code) == 5 && slices.Contains([]string{"40", "23", "22"}, refusal.Code[:2])
}
