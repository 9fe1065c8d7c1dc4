package fasttrack

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// keep is in place of a limit on idle connections where the configuration has none.
	keep = 365 * 24 * time.Hour
	// connectTimeout counts unless the URI has one: MLflow is there for whoever would wait longer.
	connectTimeout = 10 * time.Second
	// pingTimeout is for an unused connection to show that it still is one, before it is used again, and for a new one to
	// tell the schema's revision.
	pingTimeout = 5 * time.Second
)

// parameters of libpq that pgx understands in the same way, and those that change nothing about what is stored (whenLost reads
// some of them).
var (
	sameParameters = []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "connect_timeout", "application_name",
		"options", "target_session_attrs", "passfile", "host", "port", "user", "password", "dbname"}
	idleParameters = []string{"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"gssencmode", "fallback_application_name"}
)

// settings turns SQLAlchemy's URI, as the configuration writes it, into the form of libpq's connection strings. An error is
// a reason that may be shown: no secret is in it.
func settings(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgresql") {
		return "", errUnreadable
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", errUnreadable
	}
	var pairs []string
	set := func(name, value string) {
		if value != "" {
			pairs = append(pairs, name+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
		}
	}
	given := func(name string) bool { return query.Get(name) != "" }
	unless := func(name, value string) {
		if !given(name) {
			set(name, value)
		}
	}
	unless("host", u.Hostname())
	unless("port", u.Port())
	unless("user", u.User.Username())
	password, _ := u.User.Password()
	unless("password", password)
	unless("dbname", strings.TrimPrefix(u.Path, "/"))
	unless("application_name", "mlflow-server")
	for name, values := range query {
		switch {
		case slices.Contains(idleParameters, name):
		case !slices.Contains(sameParameters, name) || len(values) != 1:
			return "", fmt.Errorf("the database's URI has the parameter %q", name)
		default:
			set(name, values[0])
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, " "), nil
}

// Connections is how many connections the room takes of so many that the database allows in all; 0 is any number. A few
// are enough: what waits for one shares a transaction.
func Connections(allowed int) int {
	if allowed == 0 {
		return mostConnections
	}
	return min(max(allowed/5, 1), mostConnections)
}

const mostConnections = 4

// open makes the pool; it connects to nothing yet. Connections that nobody uses close after idle, so that a database that
// pauses when nobody is connected can do so, and nothing is sent over them meanwhile.
func open(ctx context.Context, o Options, p *pooler) (*pgxpool.Pool, error) {
	text, err := settings(o.URI)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, errUnreadable // pgx's own words may quote the text
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	lost, err := whenLost(o.URI)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DialFunc = lost.dialer().DialContext
	config.PingTimeout = pingTimeout
	config.MaxConns = int32(o.Connections)
	config.MinConns = 0
	config.MaxConnIdleTime, config.HealthCheckPeriod = keep, time.Hour
	if o.Idle > 0 {
		config.MaxConnIdleTime = o.Idle
		config.HealthCheckPeriod = max(o.Idle/4, 100*time.Millisecond)
	}
	config.BeforeConnect = p.choose
	config.AfterConnect = sameSchema
	return pgxpool.NewWithConfig(ctx, config)
}

// sameSchema refuses a connection to a database that another release has migrated meanwhile.
func sameSchema(ctx context.Context, c *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var found string
	if err := c.QueryRow(ctx, "SELECT version_num FROM alembic_version", pgx.QueryExecModeSimpleProtocol).Scan(&found); err != nil {
		return fmt.Errorf("reading the schema's revision: %w", err)
	}
	if found != proven.Revision {
		return fmt.Errorf("the schema's revision is %s: %w", found, errUnproven)
	}
	return nil
}
