package launcher

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"mlflow-server/internal/artifacts"
)

// ephemeral refuses to take artifacts that would vanish with the dyno: a client that is told so loses less than one that
// believes they are stored. It is a gate.Room.
type ephemeral struct{}

const ephemeralMessage = "This server has no place for artifacts: the disk of its dyno is emptied at every restart. " +
	"Set MLFLOW_ARTIFACT_URI to s3://bucket/prefix with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION " +
	"(heroku config:set …), or add a bucket with heroku addons:create bucketeer:hobbyist, or set MLFLOW_ALLOW_EPHEMERAL=true to lose artifacts every day."

// sayEphemeral says at the start what would otherwise be heard of with the first file.
func sayEphemeral(refused bool, log *slog.Logger) {
	if refused {
		log.Warn("artifacts are refused; runs, metrics and parameters are recorded", "why", ephemeralMessage)
	}
}

// Serves implements gate.Room.
func (ephemeral) Serves(r *http.Request) bool { return artifacts.ClassOf(r) == artifacts.Write }

// ServeHTTP implements gate.Room. The status is one that MLflow's client does not try again.
func (ephemeral) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(map[string]string{"error_code": "PERMISSION_DENIED", "message": ephemeralMessage})
}
