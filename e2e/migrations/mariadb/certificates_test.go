package mariadb

import (
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// What MLflow's own connections show, the lock's and the look at the revision have to show too.
func TestAMigrationShowsMariaDBTheClientsCertificate(t *testing.T) {
	t.Parallel()
	authority := harness.NewAuthority(t)
	d, certificate, key := harness.TLSMySQL(t, authority)
	r := harness.RunToExit(t, harness.Options{Args: []string{"migrate"}, Env: map[string]string{
		"MLFLOW_BACKEND_URI":  d.URL("mysql+pymysql"),
		"MLFLOW_MYSQL_SSL_CA": authority.File, "MLFLOW_MYSQL_SSL_CERT": certificate, "MLFLOW_MYSQL_SSL_KEY": key,
	}})
	if r.Code != 0 || !strings.Contains(r.Stdout, "up to date") {
		t.Errorf("exit code %d:\n%s", r.Code, r.Stderr)
	}
}
