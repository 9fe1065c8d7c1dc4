package gate

import (
	"log/slog"
	"net/http"
	"time"
)

// Limits of one connection. There is none for a whole request: an artifact may take hours, as long as it moves.
const (
	readHeaderTimeout = 10 * time.Second
	// idleTimeout outlives the 90 s for which Heroku's router keeps idle connections to a dyno: the side that closes
	// first must not be the server, or a request that is just arriving is lost.
	idleTimeout = 100 * time.Second
	// maxHeaderBytes is what one request's headers may take; Heroku's router allows no more than this per line.
	maxHeaderBytes = 16 << 10
)

// NewServer returns the HTTP/1.1 server for a handler made by New. Nothing in front of it speaks anything newer to it.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:           h,
		Protocols:         protocols,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		// "OPTIONS *" goes the way of every other request.
		DisableGeneralOptionsHandler: true,
	}
}
