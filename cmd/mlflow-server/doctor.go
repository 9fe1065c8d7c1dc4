package main

import (
	"runtime"

	"github.com/urfave/cli/v2"

	"mlflow-server/internal/config"
	"mlflow-server/internal/doctor"
	"mlflow-server/internal/launcher"
	"mlflow-server/internal/sizing"
	"mlflow-server/internal/terminal"
)

func doctorCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "doctor",
		Usage: "look at everything the server needs, and say what to do about what is wrong",
		Description: "Checks the configuration, the runtime, the login, memory, the database (reach, TLS, rights, schema, free " +
			"connections, clock) and the bucket (by listing it and writing, reading and deleting an object of its own). " +
			"The exit code is 0 when all is well, 1 with warnings, 2 with failures.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print the findings as JSON"}},
		Action: func(c *cli.Context) error {
			findings := doctor.Examine(c.Context, patient(c))
			var err error
			if c.Bool("json") {
				err = doctor.WriteJSON(c.App.Writer, findings)
			} else {
				err = doctor.WriteTable(c.App.Writer, findings, terminal.Of(c.App.Writer))
			}
			if err != nil {
				return err
			}
			if worst := doctor.Worst(findings); worst != doctor.OK {
				return exitCode(worst)
			}
			return nil
		},
	})
}

func patient(c *cli.Context) doctor.Patient {
	p := doctor.Patient{CPUs: runtime.NumCPU()}
	p.MemoryLimit, p.MemorySource = sizing.MemoryLimit()
	p.MachineMemory = sizing.MachineMemory()
	p.Runtime, p.RuntimeErr = findRuntime()
	environ, cfg, err := config.Read(config.Serve, ".")
	if err != nil {
		p.ConfigErr = err
		return p
	}
	p.Config = cfg
	if p.RuntimeErr == nil {
		p.MissingErr = launcher.CheckRuntime(cfg, p.Runtime)
	}
	p.OtherConnections = launcher.NativeConnections(cfg)
	// The log says how long it still waits for a database, which may be waking up.
	p.Tracking = launcher.TrackingOptions(cfg, p.Runtime, environ, newLogger(c.App.ErrWriter, cfg.Dyno != ""), c.App.ErrWriter)
	return p
}

// exitCode ends the program with that code and without a message: all has been said.
type exitCode int

func (e exitCode) Error() string { return "" }
