package launcher

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mlflow-server/internal/config"
)

func TestWhatDoesNotFitADynoIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    config.Config
		want []string
	}{
		{"the defaults", config.Config{Dyno: "web.1", Host: "0.0.0.0", DrainTimeout: 25 * time.Second}, nil},
		{"elsewhere", config.Config{Host: "127.0.0.1", DrainTimeout: time.Minute}, nil},
		{"a long drain", config.Config{Dyno: "web.1", Host: "0.0.0.0", DrainTimeout: time.Minute}, []string{"MLFLOW_DRAIN_SECONDS", "at_most=27s"}},
		{"this machine only", config.Config{Dyno: "web.1", Host: "127.0.0.1"}, []string{"MLFLOW_HOST", "R10"}},
		{"this machine only, in the release phase", config.Config{Dyno: "release.1", Host: "::1"}, nil},
	} {
		var out bytes.Buffer
		sayUnfit(&tt.c, slog.New(slog.NewTextHandler(&out, nil)))
		if (out.Len() > 0) != (len(tt.want) > 0) {
			t.Errorf("%s: %s", tt.name, &out)
		}
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in %s", tt.name, want, &out)
			}
		}
	}
}
