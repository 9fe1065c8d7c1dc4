package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

func TestTheDoctorLooksAtTLS(t *testing.T) {
	t.Parallel()
	database, _ := harness.RestartablePostgres(t)
	direct := database.URL("postgresql")
	far := database // not an address that the doctor takes for this machine's
	far.Host, far.Port = "127.0.0.2", forward(t, "127.0.0.2", fmt.Sprintf("%s:%d", database.Host, database.Port), "")
	finds(t, examine(t, map[string]string{"MLFLOW_BACKEND_URI": far.URL("postgresql")}), map[string]string{
		"database TLS": "warn passwords and data travel unencrypted",
	})
	asParameter := far.URL("postgresql")
	asParameter = asParameter[:strings.LastIndex(asParameter, "@")] + fmt.Sprintf("@/%s?host=%s&port=%d", far.Name, far.Host, far.Port)
	finds(t, examine(t, map[string]string{"MLFLOW_BACKEND_URI": asParameter}), map[string]string{
		"database TLS": "warn passwords and data travel unencrypted",
	})
	switchOnTLS(t, database)
	finds(t, examine(t, map[string]string{"MLFLOW_BACKEND_URI": direct + "?sslmode=require"}), map[string]string{"database TLS": "ok TLSv1."})
}

// switchOnTLS gives a PostgreSQL a certificate of its own.
func switchOnTLS(t *testing.T, database harness.Database) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	db := harness.OpenPostgres(t, database)
	write := func(name, kind string, bytes []byte) string {
		text := strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})))
		// PostgreSQL writes the file, so that it is its own and nobody else's.
		return fmt.Sprintf("COPY (SELECT unnest(string_to_array('%s', E'\n'))) TO PROGRAM 'umask 077; cat > %s'", text, name)
	}
	for _, statement := range []string{
		write("server.crt", "CERTIFICATE", certificate), write("server.key", "PRIVATE KEY", private),
		"ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for began, on := time.Now(), ""; on != "on"; time.Sleep(50 * time.Millisecond) {
		if err := db.QueryRowContext(t.Context(), "SHOW ssl").Scan(&on); err != nil || time.Since(began) > 3*time.Minute {
			t.Fatalf("TLS is %q: %v", on, err)
		}
	}
}
