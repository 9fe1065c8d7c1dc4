package lifecyclestop

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"mlflow-server/e2e/harness"
)

// client sends one request after the other.
type client struct {
	*harness.Instance
	n    int
	http *http.Client
}

// errNotAccepted is the answer to who comes too late: no connection. One that is reset may have had a request on it.
var errNotAccepted = errors.New("the port is closed")

func search(c *client) error {
	return c.send(http.MethodPost, "/api/2.0/mlflow/experiments/search", `{"max_results": 5}`)
}

// models is a call that MLflow answers, whatever the database.
func models(c *client) error {
	return c.send(http.MethodGet, "/api/2.0/mlflow/registered-models/search?max_results=5", "")
}

// uploaded is large enough for an upload to take several reads and writes.
var uploaded = strings.Repeat("0123456789abcdef", 64<<10)

func upload(c *client) error {
	return c.send(http.MethodPut, artifacts+fmt.Sprintf("%d.txt", c.n), uploaded)
}

const artifacts = "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/"

// send sends a body that Go's client cannot read again, so that it does not repeat a request whose connection breaks.
func (c *client) send(method, path, body string) error {
	r, err := http.NewRequest(method, c.URL+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return err
	}
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(c.User, c.Password)
	response, err := c.http.Do(r)
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" && (errors.Is(err, syscall.ECONNREFUSED) || dial.Timeout()) {
		return errNotAccepted
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return nil
}
