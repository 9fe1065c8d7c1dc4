package artifacts

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"mlflow-server/bench/process"
	"mlflow-server/e2e/harness/versitygw"
)

const bucket = "artifacts"

// store is the S3 server.
type store struct {
	*process.Running
	endpoint, key, secret string
}

func startStore(ctx context.Context, dir string) (store, error) {
	program, err := versitygw.Program()
	if err != nil {
		return store{}, err
	}
	port, err := process.FreePort()
	if err != nil {
		return store{}, err
	}
	data, notes := filepath.Join(dir, "store"), filepath.Join(dir, "notes")
	for _, d := range []string{filepath.Join(data, bucket), notes} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return store{}, fmt.Errorf("making a bucket: %w", err)
		}
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	s := store{endpoint: "http://" + address, key: "BENCH", secret: rand.Text()}
	s.Running, err = process.Start(process.Command{
		// What it notes of an upload's parts would not fit into a file's attributes (4 KB on ext4) with some hundred of them.
		Program: program, Args: []string{"--port", address, "--quiet", "posix", "--sidecar", notes, data}, Dir: dir, Log: filepath.Join(dir, "store.log"),
		Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "ROOT_ACCESS_KEY=" + s.key, "ROOT_SECRET_KEY=" + s.secret},
	})
	if err != nil {
		return store{}, err
	}
	return s, await(ctx, s.Running, func() error {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err
	})
}

// presign makes a URL that takes an object without further credentials.
func (s store) presign(ctx context.Context, key string) (string, error) {
	client := s3.New(s3.Options{BaseEndpoint: &s.endpoint, Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(s.key, s.secret, "")})
	signed, err := s3.NewPresignClient(client).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		return "", fmt.Errorf("signing an upload: %w", err)
	}
	return signed.URL, nil
}

// server is one subject.
type server struct {
	*process.Running
	url, user, password string
	client              *http.Client
	sent                *atomic.Int64
}

func start(ctx context.Context, dir, program string, s store, native string) (server, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return server{}, fmt.Errorf("making a directory for a server: %w", err)
	}
	port, err := process.FreePort()
	if err != nil {
		return server{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return server{}, err
	}
	one := server{url: fmt.Sprintf("http://127.0.0.1:%d", port), user: "bench", password: rand.Text(),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, WriteBufferSize: 256 << 10, ReadBufferSize: 256 << 10}}}
	one.Running, err = process.Start(process.Command{
		Program: program, Args: []string{"serve"}, Dir: dir, Log: filepath.Join(dir, "log"), Patience: time.Minute,
		Env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "XDG_CACHE_HOME=" + cache, "MLFLOW_DISABLE_TELEMETRY=true",
			"MLFLOW_HOST=127.0.0.1", "PORT=" + strconv.Itoa(port), "MLFLOW_TRACKING_USERNAME=" + one.user, "MLFLOW_TRACKING_PASSWORD=" + one.password,
			"MLFLOW_ARTIFACT_URI=s3://" + bucket + "/native-" + native, "MLFLOW_S3_ENDPOINT_URL=" + s.endpoint, "AWS_DEFAULT_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID=" + s.key, "AWS_SECRET_ACCESS_KEY=" + s.secret, "MLFLOW_NATIVE_ARTIFACTS=" + native, "WEB_CONCURRENCY=2",
		},
	})
	if err != nil {
		return server{}, err
	}
	return one, await(ctx, one.Running, func() error {
		answer, err := one.client.Get(one.url + "/health")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("/health is %d", answer.StatusCode)
		}
		return nil
	})
}

// bootTime is how long a start may take on a slow and shared machine.
const bootTime = 5 * time.Minute

func await(ctx context.Context, r *process.Running, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-r.Done():
			return r.Ended()
		case <-ctx.Done():
			return fmt.Errorf("waiting for a start: %w; the end of its log:\n%s", err, r.Tail(20))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
