package plans_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mlflow-server/e2e/terraform/cloud"
)

// apprunner is a configuration with the service alone, by the real provider, which asks nothing of AWS where nothing is refreshed.
const apprunner = `
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
module "service" {
  source               = "./modules/service-apprunner"
  name                 = "mlflow-test"
  image                = "public.ecr.aws/example/mlflow:1.0.0"
  private_image        = false
  environment          = {}
  secrets              = { MLFLOW_DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1" }
  secrets_version      = "one"
  artifact_policy_json = jsonencode({ Version = "2012-10-17", Statement = [] })
  cpu                  = 1024
  memory               = 2048
  min_count            = 1
  max_count            = 5
  subnet_ids           = ["subnet-c", "subnet-d"]
  security_group_id    = "sg-service"
}
`

// apprunnerState is that of somebody who had other limits and other subnets before.
const apprunnerState = `{
  "version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "00000000-0000-0000-0000-000000000000", "outputs": {},
  "resources": [
    {
      "module": "module.service", "mode": "managed", "type": "aws_apprunner_auto_scaling_configuration_version", "name": "this",
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [{"schema_version": 0, "attributes": {
        "id": "arn:aws:apprunner:eu-west-1:123456789012:autoscalingconfiguration/mlflow-test/1/1",
        "arn": "arn:aws:apprunner:eu-west-1:123456789012:autoscalingconfiguration/mlflow-test/1/1",
        "auto_scaling_configuration_name": "mlflow-test", "min_size": 1, "max_size": 3, "max_concurrency": 100
      }}]
    },
    {
      "module": "module.service", "mode": "managed", "type": "aws_apprunner_vpc_connector", "name": "this",
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [{"schema_version": 0, "attributes": {
        "id": "arn:aws:apprunner:eu-west-1:123456789012:vpcconnector/mlflow-test/1/1",
        "arn": "arn:aws:apprunner:eu-west-1:123456789012:vpcconnector/mlflow-test/1/1",
        "vpc_connector_name": "mlflow-test", "subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-service"]
      }}]
    }
  ]
}`

// TestWhatAppRunnerUsesIsReplacedBeforeItIsDeleted: neither can be changed, and App Runner deletes none that a service uses.
func TestWhatAppRunnerUsesIsReplacedBeforeItIsDeleted(t *testing.T) {
	dir := t.TempDir()
	err := os.CopyFS(filepath.Join(dir, "modules"), os.DirFS(filepath.Join(cloud.Repository(t), "terraform", "modules")))
	for name, text := range map[string]string{"main.tf": apprunner, "terraform.tfstate": apprunnerState} {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	tf := cloud.At(t, nil, dir)
	tf.Must("init", "-input=false")
	replaced := 0
	changes, _ := tf.Plan("-refresh=false")
	for _, change := range changes {
		if slices.Contains(change.Actions, "delete") {
			replaced++
			if !slices.Equal(change.Actions, []string{"create", "delete"}) {
				t.Errorf("%v", change)
			}
		}
	}
	if replaced != 2 {
		t.Errorf("%d resources would be replaced, not 2: %v", replaced, changes)
	}
}
