package launcher

import (
	"errors"
	"fmt"

	"mlflow-server/internal/config"
	"mlflow-server/internal/provision"
)

// jobsVariable switches MLflow's job runners on.
const jobsVariable = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"

// CheckRuntime says whether the runtime has what a server with this configuration needs. Its error is [config.Problems].
func CheckRuntime(c *config.Config, r provision.Runtime) error {
	var all config.Problems
	for _, err := range []error{CheckDriver(c.Backend, r), checkJobs(c.Capacity.Jobs, r)} {
		var problems config.Problems
		if errors.As(err, &problems) {
			all = append(all, problems...)
		}
	}
	if len(all) > 0 {
		return all
	}
	return nil
}

// checkJobs looks for the package of MLflow's job runners, which the lean runtime leaves out. Without it MLflow would start
// seven processes again every second, all of which end at once.
func checkJobs(wanted bool, r provision.Runtime) error {
	if !wanted || hasModule(r.SitePackages, "huey") {
		return nil
	}
	return config.Problems{{Variable: jobsVariable, Text: fmt.Sprintf("the runtime in %s has no package huey, which MLflow's job runners "+
		"need; leave the variable out, or on Heroku add the package with \"heroku config:set MLFLOW_EXTRAS=huey\" and build again", r.Dir)}}
}
