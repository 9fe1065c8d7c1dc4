package launcher

import (
	"context"
	"fmt"

	"mlflow-server/internal/tracking"
)

// Migrate brings the database's schema up to date and returns, as Heroku's release phase wants it. A signal ends it, but not
// what it has begun unless another one forces it.
func Migrate(ctx context.Context, o Options) error {
	signals := listenForSignals(ctx, o.Config.Dyno != "")
	defer signals.stop()
	defer context.AfterFunc(signals.ctx, func() { o.Log.Info("stopping") })()
	runtime, err := o.Runtime(signals.ctx)
	if err != nil {
		return err
	}
	if err := CheckRuntime(o.Config, runtime); err != nil { // all that serve needs: a release that cannot serve must fail
		return err
	}
	options := TrackingOptions(o.Config, runtime, o.Environ, o.Log, o.Output)
	options.Forced = signals.forced
	if err := tracking.Migrate(signals.ctx, options); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}
