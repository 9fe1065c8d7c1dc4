package tracking

import "testing"

func TestSecretsAreTakenOutOfText(t *testing.T) {
	for _, tt := range []struct{ name, uri, text, want string }{
		{"the password as it stands in the URI", "postgresql+psycopg://u:s3cr%40tpw@h/d", "got s3cr%40tpw!", "got [redacted]!"},
		{"the decoded password", "postgresql+psycopg://u:s3cr%40tpw@h/d", "got s3cr@tpw!", "got [redacted]!"},
		{"the whole URI", "postgresql+psycopg://u:s3cr%40tpw@h/d", "at postgresql+psycopg://u:s3cr%40tpw@h/d.", "at [redacted]."},
		{"any password in a URL", "sqlite:////d/m.db", "at https://me:pw@h/x", "at https://me:[redacted]@h/x"},
		{"any password with an @ in a URL", "sqlite:////d/m.db", "at mysql://me:p@w@h/x", "at mysql://me:[redacted]@h/x"},
		{"a password with a slash", "postgresql://u:sec/ret/1@h/d", "it was sec/ret/1", "it was [redacted]"},
		{"a password in the query", "postgresql://u@h/d?sslmode=x&password=geheim123", "geheim123", "[redacted]"},
		{"a password of a key in the query", "postgresql://u@h/d?sslpassword=geheim123", "geheim123", "[redacted]"},
		{"a short password that stands alone", "postgresql://u:in@h/d", "login in \"in\" failed in", "login [redacted] \"[redacted]\" failed [redacted]"},
		{"a short password inside a word", "postgresql://u:test@h/d", "the latest test", "the latest [redacted]"},
		{"the default password is no secret", "postgresql://mlflow:mlflow@h/mlflow", "mlflow.store.db", "mlflow.store.db"},
		{"a password that is the user's name", "postgresql://admin:admin@h/d", "user admin", "user admin"},
		{"but not inside a URL", "postgresql://mlflow:mlflow@h/d", "at x://mlflow:mlflow@h/d", "at x://mlflow:[redacted]@h/d"},
		{"the path of a SQLite file is none", "sqlite:////data/mlflow.db", "open sqlite:////data/mlflow.db", "open sqlite:////data/mlflow.db"},
		{"no URI", "", "text", "text"},
		{"something else", "file", "a file", "a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := newScrubber(tt.uri).text(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
