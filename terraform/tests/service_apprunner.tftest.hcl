# App Runner, which no fake of AWS knows: made with mocks, of both kinds of image.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mlflow-test" }
  }

  mock_resource "aws_apprunner_vpc_connector" {
    defaults = { arn = "arn:aws:apprunner:eu-west-1:123456789012:vpcconnector/mlflow-test/1/1" }
  }

  mock_resource "aws_apprunner_auto_scaling_configuration_version" {
    defaults = { arn = "arn:aws:apprunner:eu-west-1:123456789012:autoscalingconfiguration/mlflow-test/1/1" }
  }

  mock_resource "aws_apprunner_service" {
    defaults = { service_url = "abc.eu-west-1.awsapprunner.com", status = "RUNNING" }
  }
}

variables {
  name                 = "mlflow-test"
  image                = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/mlflow:1.0.0"
  private_image        = true
  environment          = { PORT = "8080", MLFLOW_DB_HOST = "database.example", MLFLOW_TOKENS = "in plain sight" }
  secrets              = { MLFLOW_DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1", MLFLOW_TOKENS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1:tokens::" }
  secrets_version      = "one"
  artifact_policy_json = "{}"
  cpu                  = 1024
  memory               = 2048
  min_count            = 1
  max_count            = 3
  subnet_ids           = ["subnet-a", "subnet-b"]
  security_group_id    = "sg-service"
}

run "an_image_in_ecr" {
  module {
    source = "./modules/service-apprunner"
  }

  assert {
    condition     = output.url == "https://abc.eu-west-1.awsapprunner.com" && output.status == "RUNNING"
    error_message = "Address and status are App Runner's"
  }

  assert {
    condition     = aws_apprunner_service.this.source_configuration[0].image_repository[0].image_repository_type == "ECR" && aws_apprunner_service.this.source_configuration[0].authentication_configuration[0].access_role_arn == aws_iam_role.access[0].arn
    error_message = "App Runner may not pull the image"
  }

  assert {
    condition = (
      aws_apprunner_service.this.source_configuration[0].image_repository[0].image_configuration[0].runtime_environment_secrets == var.secrets
      && length(setintersection(keys(aws_apprunner_service.this.source_configuration[0].image_repository[0].image_configuration[0].runtime_environment_variables), ["PORT", "MLFLOW_TOKENS"])) == 0
      && aws_apprunner_service.this.source_configuration[0].image_repository[0].image_configuration[0].runtime_environment_variables["MLFLOW_DB_HOST"] == "database.example"
      && aws_apprunner_service.this.source_configuration[0].image_repository[0].image_configuration[0].port == "8080"
    )
    error_message = "Secrets, variables or port are not as App Runner wants them"
  }

  assert {
    condition     = aws_apprunner_service.this.health_check_configuration[0].path == "/health" && aws_apprunner_service.this.health_check_configuration[0].interval * aws_apprunner_service.this.health_check_configuration[0].unhealthy_threshold >= 300
    error_message = "The health check is not GET /health, or gives up during a migration"
  }

  assert {
    condition     = aws_apprunner_service.this.network_configuration[0].egress_configuration[0].vpc_connector_arn == aws_apprunner_vpc_connector.this.arn && aws_apprunner_vpc_connector.this.subnets == toset(["subnet-a", "subnet-b"]) && aws_apprunner_vpc_connector.this.security_groups == toset(["sg-service"])
    error_message = "The service does not reach the database's network"
  }

  assert {
    condition     = aws_apprunner_service.this.instance_configuration[0].instance_role_arn == aws_iam_role.instance.arn && aws_apprunner_service.this.instance_configuration[0].cpu == "1024"
    error_message = "The instance is not as asked for"
  }

  assert {
    condition     = data.aws_iam_policy_document.instance.statement[0].resources == toset(["arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1"]) && data.aws_iam_policy_document.access[0].statement[0].resources == toset(["arn:aws:ecr:eu-west-1:123456789012:repository/team/mlflow"])
    error_message = "The roles reach more or less than they need"
  }
}

run "a_public_image" {
  module {
    source = "./modules/service-apprunner"
  }

  variables {
    image         = "public.ecr.aws/example/mlflow:1.0.0"
    private_image = false
  }

  assert {
    condition     = length(aws_iam_role.access) == 0 && aws_apprunner_service.this.source_configuration[0].image_repository[0].image_repository_type == "ECR_PUBLIC" && length(aws_apprunner_service.this.source_configuration[0].authentication_configuration) == 0
    error_message = "A public image needs no role"
  }
}
