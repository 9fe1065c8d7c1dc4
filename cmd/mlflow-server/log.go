package main

import (
	"io"
	"log/slog"
)

// newLogger writes one line of text for each event. Heroku stamps every line itself, so there the time is left out.
func newLogger(w io.Writer, onDyno bool) *slog.Logger {
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
