package launcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

const patience = time.Minute

// freePort picks a port below the range from which systems hand them out by themselves, so that no connection of another
// test takes it before the server does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// configuration is what the environment would give, on a free port.
func configuration(t *testing.T) *config.Config {
	t.Helper()
	return &config.Config{
		Host: "127.0.0.1", Port: freePort(t), DataDir: t.TempDir(), Workers: 1,
		Users:        []config.User{{Name: "ann", Password: "secret"}},
		Backend:      config.Backend{URI: "sqlite:////nowhere/mlflow.db", Source: "MLFLOW_BACKEND_URI"},
		Artifacts:    config.Artifacts{Kind: config.Directory, URI: "/nowhere"},
		DrainTimeout: time.Second,
	}
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// running is a Run in the background.
type running struct {
	log    *safeBuffer
	result chan error
}

func start(t *testing.T, ctx context.Context, c *config.Config, runtime func(context.Context) (provision.Runtime, error)) running {
	t.Helper()
	r := running{log: &safeBuffer{}, result: make(chan error, 1)}
	go func() {
		r.result <- Run(ctx, Options{Config: c, Runtime: runtime, Installing: func() provision.Position { return provision.Position{Step: "compiling bytecode"} }, Log: slog.New(slog.NewTextHandler(r.log, nil)), Output: r.log})
	}()
	return r
}

func (r running) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.result:
		return err
	case <-time.After(patience):
		t.Fatalf("still running:\n%s", r.log)
		return nil
	}
}

// get asks until somebody listens.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		resp, err := client.Get(url)
		if err == nil {
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(body)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// installing never ends by itself.
func installing(ctx context.Context) (provision.Runtime, error) {
	<-ctx.Done()
	return provision.Runtime{}, context.Cause(ctx)
}

func TestThePortIsOpenWhileMLflowIsInstalled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent()) // another test's connections may be about to end
	c := configuration(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, ctx, c, installing)
	if status, body := get(t, c.LocalURL()+"/health"); status != 503 || !strings.Contains(body, "being installed (compiling bytecode)") {
		t.Errorf("%d %q", status, body)
	}
	cancel()
	if err := r.wait(t); err != nil {
		t.Errorf("stopping is no failure: %v", err)
	}
}

func TestASignalStopsTheServer(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			c := configuration(t)
			r := start(t, t.Context(), c, installing)
			get(t, c.LocalURL()+"/health")
			if err := syscall.Kill(syscall.Getpid(), s); err != nil {
				t.Fatal(err)
			}
			if err := r.wait(t); err != nil {
				t.Error(err)
			}
			if !strings.Contains(r.log.String(), "msg=stopped") {
				t.Errorf("log:\n%s", r.log)
			}
		})
	}
}

func TestAFailedInstallationEndsTheServer(t *testing.T) {
	c := configuration(t)
	cause := errors.New("the disk is full")
	r := start(t, t.Context(), c, func(context.Context) (provision.Runtime, error) { return provision.Runtime{}, cause })
	if err := r.wait(t); !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

func TestAMissingInterpreterEndsTheServerWithItsName(t *testing.T) {
	c := configuration(t)
	r := start(t, t.Context(), c, func(context.Context) (provision.Runtime, error) {
		return provision.Runtime{Dir: "/nowhere", Python: "/nowhere/python3", Locked: true}, nil
	})
	if err := r.wait(t); err == nil || !strings.Contains(err.Error(), "/nowhere/python3") {
		t.Errorf("%v", err)
	}
}

func TestATakenPortSaysWhichAndWhatToDo(t *testing.T) {
	c := configuration(t)
	l, err := net.Listen("tcp", c.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = start(t, t.Context(), c, installing).wait(t)
	if err == nil || !strings.Contains(err.Error(), "is taken by another program") || !strings.Contains(err.Error(), "set PORT") {
		t.Errorf("%v", err)
	}
}

func TestAnAddressOfAnotherMachineIsNamed(t *testing.T) {
	c := configuration(t)
	c.Host = "192.0.2.1" // reserved for documentation (RFC 5737): nobody has it
	if err := start(t, t.Context(), c, installing).wait(t); err == nil || !strings.Contains(err.Error(), "192.0.2.1") {
		t.Errorf("%v", err)
	}
}
