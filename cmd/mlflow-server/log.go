package main

import (
	"io"
	"log/slog"

	"github.com/lmittmann/tint"

	"mlflow-server/internal/terminal"
)

// newLogger writes one line of text for each event. Heroku stamps every line itself, so there the time is left out.
func newLogger(w io.Writer, onDyno bool) *slog.Logger {
	if look := terminal.Of(w); look.Width > 0 {
		return slog.New(tint.NewTextHandler(w, &tint.Options{TimeFormat: "15:04:05", NoColor: !look.Colour, ReplaceAttr: shorten}))
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				if onDyno {
					return slog.Attr{}
				}
				return slog.String("time", a.Value.Time().Format("2006-01-02T15:04:05.000Z07:00"))
			}
			return a
		},
	}))
}

// shorten leaves out of a line on a terminal what is for logs that are searched later: with it, no request and no start fits
// into a line.
func shorten(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case "bytes", "via", "client", "id", "because", "connections_each", "worker_mb_at_most", "all_mb_at_most", "backend":
		return slog.Attr{}
	}
	return a
}
