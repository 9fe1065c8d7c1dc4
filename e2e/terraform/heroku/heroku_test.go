package heroku_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// TestTheHerokuPathFromApplyToDestroy is one story, since each step of terraform takes its time: apply as the documents say, with the
// state in a bucket, plan again, run the product with what was made, try to do more with it, destroy.
func TestTheHerokuPathFromApplyToDestroy(t *testing.T) {
	harness.Runtime(t)
	moto := cloud.StartMoto(t)
	must(t, moto, makeStateBucket, nil)
	tf := cloud.Root(t, moto, "-backend=false")
	useStateBucket(t, tf)

	const resources = "Resources of the Heroku path, made and destroyed"
	t.Run("apply -target module.s3 makes the bucket and the user", func(t *testing.T) {
		printed := tf.Must("apply", "-auto-approve", "-input=false", "-var", "environment=heroku", "-target", "module.s3")
		cloud.CheckFigure(t, resources, cloud.Counted(t, printed))
	})
	if t.Failed() {
		return
	}
	outputs := tf.Outputs()

	t.Run("a plain apply would do nothing more", func(t *testing.T) {
		changes, _ := tf.Plan("-var", "environment=heroku")
		cloud.CheckFigure(t, "Changes in a second plan of any path", len(changes))
		for _, change := range changes {
			t.Errorf("the second plan shows %v", change)
		}
	})

	t.Run("the state is in the bucket and the lock is gone", func(t *testing.T) {
		must(t, moto, lookAtState, nil)
		if left, _ := filepath.Glob(filepath.Join(tf.Dir, "*.tfstate*")); len(left) > 0 {
			t.Errorf("a state is on this machine: %v", left)
		}
	})

	t.Run("the outputs are what Heroku needs", func(t *testing.T) {
		if bucket := outputs["artifact_bucket_id"]; !strings.HasPrefix(bucket, "mlflow-heroku-") {
			t.Errorf("the bucket is called %q", bucket)
		}
		for _, name := range []string{"service_url", "status", "mlflow_username", "mlflow_password", "image", "cluster_name"} {
			if value, ok := outputs[name]; ok && value != "null" {
				t.Errorf("%s is %q where there is no service", name, value)
			}
		}
	})

	config := herokuConfig(t, outputs["heroku_config"])
	must(t, moto, lookAtBucket, nil, outputs["artifact_bucket_id"])
	// moto speaks plain HTTP, which the bucket's policy refuses, as it should.
	must(t, moto, showTLSOnly, config, outputs["artifact_bucket_id"])

	t.Run("the product works with exactly these variables", func(t *testing.T) { useBucket(t, moto, config, outputs["artifact_bucket_id"]) })

	t.Run("another access key, as the documents say, ends the old one", func(t *testing.T) {
		tf.In(t, tf.Dir).Must("apply", "-auto-approve", "-input=false", "-var", "environment=heroku", "-replace", "module.s3.aws_iam_access_key.this[0]")
		old := config
		config = herokuConfig(t, tf.In(t, tf.Dir).Outputs()["heroku_config"])
		if config["AWS_ACCESS_KEY_ID"] == old["AWS_ACCESS_KEY_ID"] || config["MLFLOW_ARTIFACT_URI"] != old["MLFLOW_ARTIFACT_URI"] {
			t.Error("the key is the old one, or the bucket another one")
		}
		moto.Enforce(t, true)
		must(t, moto, listBucket, config, outputs["artifact_bucket_id"])
		if printed, err := moto.Python(t, listBucket, old, outputs["artifact_bucket_id"]); err == nil || !strings.Contains(printed, "InvalidAccessKeyId") {
			t.Errorf("the old key still works, or fails otherwise (%v):\n%s", err, harness.Tail(printed, 5))
		}
		moto.Enforce(t, false)
	})

	must(t, moto, showTLSOnly, config, outputs["artifact_bucket_id"]) // apply has put the policy back

	moto.Enforce(t, true) // from here on moto asks IAM before it answers
	t.Run("the user can touch nothing else", func(t *testing.T) {
		printed := must(t, moto, tryEverything, config, outputs["artifact_bucket_id"])
		t.Log(strings.TrimSpace(printed))
	})
	moto.Enforce(t, false)
	must(t, moto, forgetAttempts, nil, outputs["artifact_bucket_id"])

	t.Run("destroy with artifact_force_destroy leaves nothing", func(t *testing.T) {
		variables := []string{"-auto-approve", "-input=false", "-var", "environment=heroku", "-var", "artifact_force_destroy=true"}
		tf.Must(append([]string{"apply"}, variables...)...)
		printed := tf.Must(append([]string{"destroy"}, variables...)...)
		cloud.CheckFigure(t, resources, cloud.Counted(t, printed))
		must(t, moto, lookForRemains, nil)
	})
}

// useBucket runs the product with nothing but the variables that heroku config:set would set, and moto for S3.
func useBucket(t *testing.T, moto *cloud.Moto, config map[string]string, bucket string) {
	s3 := record(t, moto.URL)
	env := map[string]string{"MLFLOW_S3_ENDPOINT_URL": s3.URL}
	for name, value := range config {
		env[name] = value
	}
	server := harness.Start(t, harness.Options{Env: env})
	printed, err := harness.PythonSource(t, server.Client, logArtifact)
	if err != nil {
		t.Fatalf("the client failed: %v\n%s", err, harness.Tail(printed, 40))
	}
	run := regexp.MustCompile(`run=(\w+)`).FindStringSubmatch(printed)
	if run == nil {
		t.Fatalf("the client names no run:\n%s", printed)
	}
	// The user itself looks: it may list and read its bucket.
	listed := must(t, moto, listBucket, config, bucket)
	if !strings.Contains(listed, run[1]+"/artifacts/notes/note.txt 17") {
		t.Errorf("the artifact is not in the bucket:\n%s", listed)
	}
	for line := range server.CommandLines() {
		if strings.Contains(line, config["AWS_SECRET_ACCESS_KEY"]) {
			t.Errorf("a command line holds the secret key: %s", line)
		}
	}
	server.Stop()
	// moto answers whatever IAM would, so that doctor deletes the versions that it has made.
	doctor := harness.RunToExit(t, harness.Options{Args: []string{"doctor", "--json"}, Env: env})
	if strings.Contains(doctor.Stdout, "bucket: versioning\",\n      \"state\": \"warn") || !strings.Contains(doctor.Stdout, "bucket: public access") {
		t.Errorf("the doctor says\n%s%s", doctor.Stdout, doctor.Stderr)
	}
	// moto cannot be asked to check these very calls (see tryEverything), so that they are held to the policy here.
	allowed, used := strings.Fields(must(t, moto, listActions, nil)), s3.used()
	for _, action := range used {
		if action == "s3:DeleteObjectVersion" { // what doctor does without
			continue
		}
		if !slices.Contains(allowed, action) {
			t.Errorf("the product needs %s, which its user has no permission for", action)
		}
	}
	for _, action := range []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
		"s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock"} {
		if !slices.Contains(used, action) {
			t.Errorf("the product was not seen to need %s: %v", action, used)
		}
	}
	t.Logf("needed: %v", used)
	if strings.Contains(server.Log(), config["AWS_SECRET_ACCESS_KEY"]) {
		t.Error("the log holds the secret key")
	}
}

// herokuConfig takes heroku_config apart as a shell does.
func herokuConfig(t *testing.T, line string) map[string]string {
	t.Helper()
	rest, ok := strings.CutPrefix(line, "heroku config:set ")
	if !ok {
		t.Fatal("heroku_config is no command for heroku")
	}
	config := map[string]string{}
	for _, pair := range regexp.MustCompile(`([A-Z_]+)='([^']*)'`).FindAllStringSubmatch(rest, -1) {
		config[pair[1]] = pair[2]
	}
	for _, name := range []string{"MLFLOW_ARTIFACT_URI", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if config[name] == "" {
			t.Errorf("heroku_config sets no %s", name)
		}
	}
	if len(config) != 4 {
		t.Errorf("heroku_config sets %d variables, not 4", len(config))
	}
	return config
}

// useStateBucket makes backend.tf of the example, as its reader does, and turns it to moto.
func useStateBucket(t *testing.T, tf *cloud.Terraform) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tf.Dir, "backend.tf.example"))
	if err == nil {
		err = os.WriteFile(filepath.Join(tf.Dir, "backend.tf"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	tf.Must("init", "-input=false", "-reconfigure", "-backend-config=use_path_style=true",
		"-backend-config=skip_credentials_validation=true", "-backend-config=skip_requesting_account_id=true")
}

func must(t *testing.T, moto *cloud.Moto, program string, variables map[string]string, args ...string) string {
	t.Helper()
	printed, err := moto.Python(t, program, variables, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, harness.Tail(printed, 40))
	}
	return printed
}
