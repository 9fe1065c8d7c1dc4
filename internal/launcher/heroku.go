package launcher

import (
	"context"
	"errors"
	"log/slog"

	"github.com/heroku/x/hmetrics"

	"mlflow-server/internal/config"
)

// reportToHeroku sends the launcher's own figures (heap, goroutines, collections) to Heroku's language metrics, where
// those are switched on: only then the platform sets HEROKU_METRICS_URL. It returns when ctx ends.
// Source: https://devcenter.heroku.com/articles/language-runtime-metrics-go
func reportToHeroku(ctx context.Context, url string, log *slog.Logger) {
	if url == "" {
		return
	}
	err := hmetrics.Report(ctx, url, func(err error) error {
		log.Debug("sending metrics to Heroku", "error", err)
		return nil // keep on: they are worth nothing more than a line
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Debug("sending metrics to Heroku has ended", "error", err)
	}
}

func (o Options) herokuMetrics() string {
	url, _ := config.LookupIn(o.Environ)("HEROKU_METRICS_URL")
	return url
}
