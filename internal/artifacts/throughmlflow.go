package artifacts

import (
	"net/http"

	"mlflow-server/internal/gate"
)

// uploadThroughMLflow lets MLflow store a file of up to 10 MB that its UI sends by a route of its own, and counts it
// against the limits. Those need the size beforehand: MLflow keeps the file whatever is found out later.
func (room *Room) uploadThroughMLflow(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength < 0 {
		return &failure{status: http.StatusLengthRequired, code: "INVALID_PARAMETER_VALUE", message: "This upload must say how long it is"}
	}
	counted := room.limits.counter(gate.User(r))
	if err := counted.add(r.ContentLength); err != nil {
		drain(r)
		return err
	}
	answer := &statusSeen{ResponseWriter: w}
	defer func() {
		if answer.status == 0 || answer.status >= http.StatusBadRequest {
			counted.giveBack()
		}
	}()
	gate.Fallback(answer, r)
	return nil
}

// statusSeen notes with which status somebody else has answered.
type statusSeen struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusSeen) WriteHeader(status int) {
	if s.status < http.StatusOK { // 100 Continue and its like are no answer yet
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusSeen) Unwrap() http.ResponseWriter { return s.ResponseWriter }
