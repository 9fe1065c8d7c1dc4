package harness

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlflow-server/e2e/harness/versitygw"
)

// The login of the test store. The secret holds what breaks out of URLs.
const (
	storeKey    = "E2EACCESSKEY"
	storeSecret = "e2e/secret+key=%&#"
)

// S3Bucket is an empty bucket on an S3 server of the test process.
type S3Bucket struct {
	Endpoint  string // http://127.0.0.1:port
	Name      string
	AccessKey string
	SecretKey string
	Region    string
	Dir       string // where its objects lie as files
	ServerDir string // above it, with the uploads that are under way
}

// Environment points a server's artifact store at prefix in the bucket, and sets what else is given.
func (b S3Bucket) Environment(prefix string) map[string]string {
	return map[string]string{
		"MLFLOW_ARTIFACT_URI":    "s3://" + b.Name + "/" + prefix,
		"MLFLOW_S3_ENDPOINT_URL": b.Endpoint,
		"AWS_ACCESS_KEY_ID":      b.AccessKey,
		"AWS_SECRET_ACCESS_KEY":  b.SecretKey,
		"AWS_DEFAULT_REGION":     b.Region,
	}
}

// S3 returns an empty bucket on a real S3 server with signature checks. The server is started once for each test
// process; its program is fetched and built into the user's cache once, which takes two minutes.
func S3(t testing.TB) S3Bucket {
	t.Helper()
	b, err := s3Server()
	if errors.Is(err, versitygw.ErrNoGo) {
		Missing(t, "versitygw is not installed, and there is no go to build it with")
	}
	if err != nil {
		t.Fatal(err)
	}
	b.Name = fmt.Sprintf("e2e-%d-%d", os.Getpid(), time.Now().UnixNano())
	b.Dir = filepath.Join(b.ServerDir, b.Name)
	if err := os.Mkdir(b.Dir, 0o755); err != nil { // the server's own mode
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(b.Dir) })
	return b
}

var s3Server = sync.OnceValues(func() (S3Bucket, error) {
	program, err := versitygw.Program()
	if err != nil {
		return S3Bucket{}, err
	}
	dir, err := scratch("mlflow-server-e2e-s3-")
	if err != nil {
		return S3Bucket{}, err
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o755); err != nil { // the server's own mode
		return S3Bucket{}, err
	}
	port, err := freePort()
	if err != nil {
		return S3Bucket{}, err
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	s, err := serveAs(nil, dir, syscall.SIGTERM, program, "--port", address, "--access", storeKey, "--secret", storeSecret, "--quiet", "posix", data)
	if err != nil {
		return S3Bucket{}, err
	}
	b := S3Bucket{Endpoint: "http://" + address, AccessKey: storeKey, SecretKey: storeSecret, Region: "us-east-1", ServerDir: data}
	return b, s.wait(func() error {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return err
		}
		return connection.Close()
	})
})
