package status

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// questionPath makes MLflow read one row. It answers 404 where the default experiment was deleted for good.
const questionPath = "/api/2.0/mlflow/experiments/get?experiment_id=0"

// Database asks through MLflow, since what counts is whether MLflow can reach it.
func Database(mlflow http.RoundTripper) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+questionPath, nil)
		if err != nil {
			return err
		}
		response, err := mlflow.RoundTrip(request)
		if err != nil {
			return fmt.Errorf("asking MLflow: %w", err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNotFound {
			return fmt.Errorf("MLflow answers with status %d", response.StatusCode)
		}
		return nil
	}
}
