package operations_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// TestTheStackIsOperatedAsTheDocumentsSay is one story, as the stack's own test is, with everything that the other takes by default
// given: a network, a certificate, a bucket. The image is built, with a docker that does nothing, and the database is protected.
func TestTheStackIsOperatedAsTheDocumentsSay(t *testing.T) {
	moto := cloud.StartMoto(t)
	given := strings.Fields(must(t, moto, makeGiven))
	tf := cloud.Root(t, moto)
	tf.Env = append(tf.Env, "PATH="+withDocker(t, filepath.Dir(tf.Dir)))
	base := []string{
		"-auto-approve", "-input=false", "-parallelism=30", "-var", "mlflow_username=ada,grace",
		"-var", "vpc_id=" + given[0], "-var", `subnet_ids=["` + given[1] + `","` + given[2] + `"]`, "-var", "egress=nat",
		"-var", `public_subnet_ids=["` + given[3] + `","` + given[4] + `"]`,
		"-var", "certificate_arn=" + given[5], "-var", "domain_name=mlflow.example.com", "-var", "artifact_bucket_id=" + given[6],
	}
	run := func(command string, more ...string) (string, error) {
		return tf.Run(slices.Concat([]string{command}, base, more)...)
	}
	apply := func(t *testing.T, more ...string) string {
		t.Helper()
		printed, err := run("apply", more...)
		if err != nil {
			t.Fatalf("terraform apply %s: %v\n%s", strings.Join(more, " "), err, harness.Tail(printed, 40))
		}
		return printed
	}

	const resources = "Resources of the AWS path with everything given, made and destroyed"
	cloud.CheckFigure(t, resources, cloud.Counted(t, apply(t)))
	if outputs := tf.Outputs(); outputs["service_url"] != "https://mlflow.example.com" || outputs["status"] != "RUNNING" || outputs["artifact_bucket_id"] != given[6] {
		t.Fatalf("the outputs are %v", outputs)
	}
	before := strings.Fields(must(t, moto, lookAtService))

	t.Run("a deploy that fails goes back, and apply says so", func(t *testing.T) {
		// Without a refresh, since what moto forgets would be put back first, which takes half a minute.
		printed, err := run("apply", "-refresh=false", "-var", "image_tag=broken")
		if said := strings.Join(strings.Fields(printed), " "); err == nil || !strings.Contains(said, "ECS has gone back to the old ones") {
			t.Errorf("apply does not say that the deploy failed (%v):\n%s", err, harness.Tail(printed, 20))
		}
		if now := strings.Fields(must(t, moto, lookAtService)); now[0] != before[0] {
			t.Errorf("the service runs %s, not %s", now[0], before[0])
		}
		apply(t, "-refresh-only", "-var", "image_tag=broken")
		if status := tf.Outputs()["status"]; status != "ROLLED_BACK" {
			t.Errorf("status is %q", status)
		}
	})

	t.Run("another number of users than of generated passwords is refused, unless all get new ones", func(t *testing.T) {
		another := slices.Concat([]string{"plan", "-refresh=false"}, base[1:], []string{"-var", "mlflow_username=ada,grace,hopper"})
		printed, err := tf.Run(another...)
		if said := strings.Join(strings.Fields(printed), " "); err == nil || !strings.Contains(said, "raise mlflow_password_version") {
			t.Errorf("the plan does not say what is wrong (%v):\n%s", err, harness.Tail(printed, 20))
		}
		if printed, err := tf.Run(append(another, "-var", "mlflow_password_version=2")...); err != nil {
			t.Errorf("%v\n%s", err, harness.Tail(printed, 20))
		}
	})

	must(t, moto, lookWhetherProtected, "True")
	// Two chapters of the documents in one apply, since each waits half a minute for the database.
	more := []string{
		"-var", "mlflow_password_version=2", "-var", "mlflow_session_version=2", "-var", "db_password_version=2",
		"-var", "db_deletion_protection=false",
	}
	t.Run("raised versions make other secrets and other tasks", func(t *testing.T) {
		apply(t, more...)
		now := strings.Fields(must(t, moto, lookAtService))
		if len(now) != len(before) || len(now) != 5 {
			t.Fatalf("%d secrets before and %d after, not 4", len(before)-1, len(now)-1)
		}
		for i := range now {
			if now[i] == before[i] {
				t.Errorf("number %d of task definition, database's password, two users' and session's secret is what it was", i+1)
			}
		}
		if status := tf.Outputs()["status"]; status != "RUNNING" {
			t.Errorf("status is %q", status)
		}
	})

	t.Run("the next plan changes nothing", func(t *testing.T) {
		changes, _ := tf.Plan(slices.Concat(base[3:], more)...)
		for _, change := range changes {
			if !cloud.OmittedByMoto(change) {
				t.Errorf("the plan would change %v", change)
			}
		}
	})

	t.Run("it is taken down once it is not protected, and a snapshot stays", func(t *testing.T) {
		must(t, moto, lookWhetherProtected, "False")
		printed, err := run("destroy", slices.Concat(more, []string{"-refresh=false"})...)
		if err != nil {
			t.Fatalf("%v\n%s", err, harness.Tail(printed, 40))
		}
		cloud.CheckFigure(t, resources, cloud.Counted(t, printed))
		must(t, moto, lookForRemains, given...)
	})
}

// withDocker is a PATH on which docker does nothing, successfully, and puts a Dockerfile where terraform looks for one.
func withDocker(t *testing.T, source string) string {
	t.Helper()
	harness.Require(t, "aws")
	bin := t.TempDir()
	err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\n[ \"$1\" != login ] || cat >/dev/null\n"), 0o755) // a program
	if err == nil {
		err = os.WriteFile(filepath.Join(source, "Dockerfile"), []byte("FROM scratch\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bin + string(os.PathListSeparator) + os.Getenv("PATH")
}

func must(t *testing.T, moto *cloud.Moto, program string, args ...string) string {
	t.Helper()
	printed, err := moto.Python(t, program, nil, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, harness.Tail(printed, 40))
	}
	return printed
}
