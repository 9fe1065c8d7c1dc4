package fasttrack

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestSQLAlchemysURIMeansTheSameToPgx(t *testing.T) {
	uri := "postgresql+psycopg://ml%20flow%40x:p%40ss%3Aw%2F%C3%B6%27%5C@db.example:6543/a%20base?sslmode=require&application_name=of%20mine&keepalives=1"
	text, err := settings(uri)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgxpool.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	conn := c.ConnConfig
	if conn.Host != "db.example" || conn.Port != 6543 || conn.User != "ml flow@x" || conn.Password != `p@ss:w/ö'\` || conn.Database != "a base" ||
		conn.TLSConfig == nil || conn.RuntimeParams["application_name"] != "of mine" {
		t.Errorf("%+v", conn)
	}
}

func TestASocketsDirectoryIsAHost(t *testing.T) {
	text, err := settings("postgresql+psycopg://u:p@/mlflow?host=%2Fvar%2Frun%2Fpg")
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgxpool.ParseConfig(text)
	if err != nil || c.ConnConfig.Host != "/var/run/pg" || c.ConnConfig.Database != "mlflow" {
		t.Errorf("%v %v", c, err)
	}
}

func TestWhatIsNotUnderstoodSwitchesItOffWithoutTellingSecrets(t *testing.T) {
	for _, uri := range []string{
		"postgresql+psycopg://u:secret@h/d?channel_binding=require",
		"postgresql+psycopg://u:secret@h/d?host=a&host=b",
		"mysql+pymysql://u:secret@h/d",
		"postgresql+psycopg://u:secret@h:port/d",
		"postgresql+psycopg://u:secret@h/d?sslmode=whatever",
	} {
		r := New(Options{URI: uri, Connections: 1})
		if s := r.State(); r.Connections() != 0 || s.On || s.Why == "" || strings.Contains(s.Why, "secret") {
			t.Errorf("%s: %+v", uri, s)
		}
		if s := r.Begin(proven.MLflow, true, proven.Revision); s.On {
			t.Errorf("%s: %+v", uri, s)
		}
		_ = r.Close(t.Context())
	}
}

func TestOnlyWhatWasProvenIsServed(t *testing.T) {
	r := New(Options{URI: "postgresql+psycopg://u:p@127.0.0.1:1/d", Connections: 1})
	defer func() { _ = r.Close(context.Background()) }()
	for _, tt := range []struct {
		name, version string
		locked        bool
		revision      string
		want          bool
	}{
		{"what was proven", proven.MLflow, true, proven.Revision, true},
		{"another schema", proven.MLflow, true, "0123456789ab", false},
		{"another MLflow", "1.2.3", false, proven.Revision, false},
		{"a schema that is not known", proven.MLflow, true, "", false},
	} {
		if s := r.Begin(tt.version, tt.locked, tt.revision); s.On != tt.want || s.Why == "" || s != r.State() {
			t.Errorf("%s: %+v", tt.name, s)
		}
	}
}

func TestConnectionsAreAFewOfThoseThatAreAllowed(t *testing.T) {
	for allowed, want := range map[int]int{0: 4, 6: 1, 10: 2, 20: 4, 500: 4} {
		if got := Connections(allowed); got != want {
			t.Errorf("%d of %d, want %d", got, allowed, want)
		}
	}
}
