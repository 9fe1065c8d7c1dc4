package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// version and commit are set by the build (-ldflags "-X main.version=… -X main.commit=…").
var (
	version = "dev"
	commit  = ""
)

func versionCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "version",
		Usage: "print the versions of this program, Go and MLflow",
		Action: func(c *cli.Context) error {
			mlflow := "not installed"
			if r, err := findRuntime(); err == nil {
				mlflow = fmt.Sprintf("%s (Python %s, %s)", r.MLflowVersion, r.PythonVersion, r.Dir)
			}
			fmt.Fprintf(c.App.Writer, "mlflow-server %s\ncommit        %s\nGo            %s %s/%s\nMLflow        %s\n",
				version, cmp.Or(commit, builtFrom(), "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH, mlflow)
			return nil
		},
	})
}

// builtFrom is the commit that Go itself noted when it built from a checkout.
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
