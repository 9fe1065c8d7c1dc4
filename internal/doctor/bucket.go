package doctor

import (
	"context"
	"fmt"
	"time"

	"mlflow-server/internal/artifacts"
	"mlflow-server/internal/config"
)

// skew is how far two clocks may be apart: S3 refuses a request that was signed a quarter of an hour ago, sessions and charts
// suffer from less.
const skew = time.Minute

// bucket looks at it with what serves artifacts. Where MLflow does that, it has tried an object of its own already.
func bucket(ctx context.Context, c *config.Config, add adder) {
	found := artifacts.Examine(ctx, artifacts.Options{Artifacts: c.Artifacts, Service: c.Service}, !c.Service.Native)
	for _, f := range found.Findings {
		add(f.Check, stateOf(f.State), f.Text, f.Fix)
	}
	if !found.Dated || c.Backend.Dialect != config.SQLite { // a database server has a clock of its own
		return
	}
	if found.Ahead.Abs() > skew {
		add("clock", Failure, fmt.Sprintf("%.0f s from the bucket's", found.Ahead.Abs().Seconds()), "set this machine's clock")
		return
	}
	add("clock", OK, "agrees with the bucket's", "")
}
