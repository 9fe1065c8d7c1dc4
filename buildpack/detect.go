package buildpack

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Name is what detect prints.
const Name = "mlflow-server"

var (
	ownModule   = regexp.MustCompile(`(?m)^module mlflow-server$`)
	runsServer  = regexp.MustCompile(`(?m)^[A-Za-z0-9_-]+:.*(^|[^A-Za-z0-9_.-])mlflow-server([^A-Za-z0-9_.-]|$)`)
	namesMLflow = regexp.MustCompile(`(?mi)^[ \t]*mlflow[ \t]*([=;#\r]|$)`)
)

// Detect says why an app wants this buildpack. The error lists what was looked for. bin/detect is the same in shell, which
// is what Heroku runs; this is for people and for the log.
func Detect(app string) (reason string, err error) {
	text := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(app, name))
		return string(b)
	}
	info, err := os.Stat(filepath.Join(app, "cmd", "mlflow-server"))
	switch {
	case ownModule.MatchString(text("go.mod")) && err == nil && info.IsDir():
		return "the app is mlflow-server itself", nil
	case runsServer.MatchString(text("Procfile")):
		return "the Procfile runs mlflow-server", nil
	case namesMLflow.MatchString(text("requirements.txt")):
		return "requirements.txt asks for mlflow", nil
	}
	return "", fmt.Errorf("%s", strings.Join([]string{
		"this app does not ask for an MLflow server: neither a Procfile with a process that runs mlflow-server",
		"nor a requirements.txt with a line \"mlflow==VERSION\" nor the source code of mlflow-server is in " + app,
	}, "\n"))
}
