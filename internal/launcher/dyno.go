package launcher

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"mlflow-server/internal/config"
)

// killedAfter is the time between SIGTERM and SIGKILL on Heroku.
// Source: https://devcenter.heroku.com/articles/dynos#graceful-shutdown-with-sigterm
const killedAfter = 30 * time.Second

// sayUnfit warns of settings that work elsewhere, and on a dyno only by chance.
func sayUnfit(c *config.Config, log *slog.Logger) {
	if c.Dyno == "" {
		return
	}
	if most := killedAfter - stopTimeout; c.DrainTimeout > most {
		log.Warn("Heroku kills a dyno 30 s after it told it to stop, so that MLFLOW_DRAIN_SECONDS is too long",
			"is", c.DrainTimeout, "at_most", most)
	}
	if addr, err := netip.ParseAddr(c.Host); strings.HasPrefix(c.Dyno, "web.") && (c.Host == "localhost" || err == nil && addr.IsLoopback()) {
		log.Warn("Heroku's router cannot reach this address and will end the dyno (R10), unless a proxy in it is in front; leave MLFLOW_HOST out",
			"address", c.Host)
	}
}
