package stack_test

import (
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// TestTheStackFromApplyToDestroy is one story, since each step of terraform takes its time: most of it is spent in the provider's own
// waiting for load balancers, distributions and databases.
func TestTheStackFromApplyToDestroy(t *testing.T) {
	moto := cloud.StartMoto(t)
	tf := cloud.Root(t, moto)
	variables := []string{
		"-var", "mlflow_username=ada,grace", "-var", "alarm_email=ops@example.com",
		"-var", "image=123456789012.dkr.ecr.us-east-1.amazonaws.com/mlflow:1",
		"-var", "db_deletion_protection=false", "-var", "db_skip_final_snapshot=true",
	}

	printed := tf.Must(slices.Concat([]string{"apply", "-auto-approve", "-input=false", "-parallelism=30"}, variables)...)
	const resources = "Resources of the AWS path by default, made and destroyed"
	cloud.CheckFigure(t, resources, cloud.Counted(t, printed))
	outputs := tf.Outputs()

	t.Run("the outputs say where the service is", func(t *testing.T) {
		for name, want := range map[string]string{
			"status": "RUNNING", "mlflow_username": "ada,grace", "cluster_name": "mlflow-prod", "service_name": "mlflow-prod",
		} {
			if outputs[name] != want {
				t.Errorf("%s is %q, not %q", name, outputs[name], want)
			}
		}
		if url := outputs["service_url"]; !strings.HasPrefix(url, "https://") || !strings.HasSuffix(url, ".cloudfront.net") {
			t.Errorf("service_url is %q", url)
		}
		for _, name := range []string{"mlflow_password", "aws_access_key_id", "aws_secret_access_key", "heroku_config"} {
			if value, ok := outputs[name]; ok && value != "null" {
				t.Errorf("%s has a value", name)
			}
		}
	})

	t.Run("what was made is what ECS, Aurora and CloudFront are to get", func(t *testing.T) {
		must(t, moto, lookAtStack, outputs["artifact_bucket_id"], strings.TrimPrefix(outputs["service_url"], "https://"))
	})

	secrets := strings.Fields(must(t, moto, readSecrets))
	t.Run("no generated password is in the state", func(t *testing.T) {
		if len(secrets) != 4 {
			t.Fatalf("%d secrets, not 4: one of the database, one of each user, one of the sessions", len(secrets))
		}
		state := tf.State()
		for i, secret := range secrets {
			if strings.Contains(state, secret) {
				t.Errorf("password %d is in the state", i+1)
			}
		}
	})

	task := readTask(t, moto)
	t.Run("and then", func(t *testing.T) { // the product needs nothing of moto, and most of terraform's time is spent waiting
		t.Run("the product runs with what a task gets", func(t *testing.T) {
			t.Parallel()
			serve(t, moto, task, strings.TrimPrefix(outputs["service_url"], "https://"))
		})
		t.Run("a second plan changes nothing, and destroy leaves nothing", func(t *testing.T) {
			t.Parallel()
			planAgain(t, moto, tf.In(t, tf.Dir), secrets, variables)
			printed := tf.In(t, tf.Dir).Must(slices.Concat([]string{"destroy", "-auto-approve", "-refresh=false", "-parallelism=30"}, variables)...)
			cloud.CheckFigure(t, resources, cloud.Counted(t, printed))
			must(t, moto, lookForRemains)
		})
	})
}

// planAgain sees that a second plan changes nothing but what moto leaves out, and holds no secret.
func planAgain(t *testing.T, moto *cloud.Moto, tf *cloud.Terraform, secrets, variables []string) {
	t.Helper()
	changes, plan := tf.Plan(variables...)
	for i, secret := range secrets {
		if strings.Contains(plan, secret) {
			t.Errorf("secret %d is in the plan", i+1)
		}
	}
	named := 0
	for _, change := range changes {
		if !cloud.OmittedByMoto(change) {
			t.Errorf("the second plan would change %v", change)
			continue
		}
		named++
	}
	cloud.CheckFigure(t, "Changes in a second plan of any path", len(changes)-named)
	cloud.CheckFigure(t, "Changes in a second plan of the AWS path that come from what moto leaves out", named)
	t.Log(must(t, moto, showOmissions))
}

func must(t *testing.T, moto *cloud.Moto, program string, args ...string) string {
	t.Helper()
	printed, err := moto.Python(t, program, nil, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, harness.Tail(printed, 40))
	}
	return strings.TrimSpace(printed)
}
