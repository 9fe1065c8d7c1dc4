# What is wrong is said at plan time, for every mistake that a variable can hold. Mistakes that do not depend on each other share a
# run, since each run starts the provider. environment = "heroku" plans no more than the bucket; the values are checked all the same.

# The real provider, asked nothing: terraform has no mocks of ephemeral resources, so mock_provider cannot stand in for it here.
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}

variables {
  environment = "heroku"
}

run "values_that_are_wrong_by_themselves" {
  command = plan

  variables {
    name                  = "MLflow"
    aws_region            = "eu-west-1a" # a zone
    mlflow_username       = "ada,"       # an empty user
    vpc_id                = "subnet-0123456789abcdef0"
    vpc_cidr              = "10.0.0.0/24" # too small to be cut up
    egress                = "vpn"
    domain_name           = "https://mlflow.example.com/"
    service_cpu           = 1000
    service_min_count     = 0
    service_environment   = { MLFLOW_DB_PASSWORD = "in plain sight" }
    log_retention_days    = 10
    alarm_email           = "operations"
    artifact_bucket_id    = "s3://my-bucket/prefix"
    artifact_version_days = 0
    db_min_capacity       = 0.7
    db_auto_pause_seconds = 60
    db_backup_days        = 0
    db_ca_file            = "certs/rds-global-bundle.pem"
  }

  expect_failures = [
    var.name, var.aws_region, var.mlflow_username, var.vpc_id, var.vpc_cidr, var.egress, var.domain_name,
    var.service_cpu, var.service_min_count, var.service_environment, var.log_retention_days, var.alarm_email, var.artifact_bucket_id,
    var.artifact_version_days, var.db_min_capacity, var.db_auto_pause_seconds, var.db_backup_days,
    var.db_ca_file,
  ]
}

run "values_that_are_wrong_together" {
  command = plan

  variables {
    name              = "mlflow-"
    environment       = "pre-prod"
    mlflow_username   = "ada:admin"
    subnet_ids        = ["subnet-1", "subnet-2"]                             # of which VPC?
    public_subnet_ids = ["subnet-3", "subnet-4"]                             # of which VPC?
    certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/abc" # of another region
    domain_name       = "mlflow.example.com"
    service_min_count = 4
    service_max_count = 2
    db_max_capacity   = 0
    # In plain sight and by ARN: which of the two?
    service_environment = { MLFLOW_VIEWERS = "grace" }
    service_secrets     = { MLFLOW_VIEWERS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:viewers-AbCdEf" }
  }

  expect_failures = [
    var.name, var.environment, var.mlflow_username, var.subnet_ids, var.public_subnet_ids, var.certificate_arn,
    var.service_max_count, var.db_max_capacity, var.service_secrets,
  ]
}

run "a_vpc_without_subnets_and_inverted_capacities" {
  command = plan

  variables {
    name                = "a-name-that-is-too-long"
    mlflow_username     = "ada,grace,ada"
    vpc_id              = "vpc-0123456789abcdef0"
    db_min_capacity     = 8
    db_max_capacity     = 4
    service_cpu         = 1024
    service_memory      = 1024 # Fargate wants 2048 at least
    image               = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mlflow:1"
    image_tag           = "2"
    service_environment = { MLFLOW_TOKENS = "in plain sight" }
  }

  expect_failures = [
    var.name, var.mlflow_username, var.subnet_ids, var.db_max_capacity, var.service_memory, var.image_tag, var.service_environment,
  ]
}

run "what_apprunner_cannot_do" {
  command = plan

  variables {
    mlflow_username      = "ada,grace"
    mlflow_password      = "only-one-password"
    compute              = "apprunner"
    service_architecture = "ARM64"
    service_cpu          = 512
    service_memory       = 2048 # Fargate's only
    image                = "docker.io/example/mlflow:1"
    vpc_id               = "vpc-0123456789abcdef0"
    subnet_ids           = ["subnet-1", "subnet-1"]
    service_secrets      = { MLFLOW_TOKENS = "ada:1.abcdef" } # not where it is but what
  }

  expect_failures = [
    var.mlflow_password, var.service_architecture, var.service_memory, var.image, var.subnet_ids, var.service_secrets,
  ]
}

run "more_passwords_than_users" {
  command = plan

  variables {
    mlflow_username = "ada"
    mlflow_password = "the-first-password,the-second-password"
    service_secrets = { MLFLOW_SESSION_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:session-AbCdEf" } # is made here
    compute         = "apprunner"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    domain_name     = "mlflow.example.com"
  }

  expect_failures = [var.mlflow_password, var.compute, var.service_secrets]
}

run "an_escaped_comma_separates_nothing" {
  command = plan

  variables {
    mlflow_username = "ada,grace"
    mlflow_password = "the-first\\,password"
    image           = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mlflow" # no tag
  }

  expect_failures = [var.mlflow_password, var.image]
}

run "one_password_is_too_short" {
  command = plan

  variables {
    mlflow_username = "ada,grace"
    mlflow_password = "long-enough-for-ada,short"
    aws_region      = "eu-south-2"
    compute         = "apprunner" # not there
  }

  expect_failures = [var.mlflow_password, var.compute]
}

run "another_compute" {
  command = plan

  variables {
    compute = "lambda"
  }

  expect_failures = [var.compute]
}

run "a_certificate_without_a_name" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
  }

  expect_failures = [var.certificate_arn]
}

run "a_tag_with_a_slash" {
  command = plan

  variables {
    image_tag = "release/1"
  }

  expect_failures = [var.image_tag]
}

run "a_restriction_that_would_restrict_nothing" {
  command = plan

  variables {
    allowed_cidrs = ["203.0.113.0/24"] # and no name of one's own
  }

  expect_failures = [var.allowed_cidrs]
}

run "an_address_that_is_no_range" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    domain_name     = "mlflow.example.com"
    allowed_cidrs   = ["203.0.113.0"]
  }

  expect_failures = [var.allowed_cidrs]
}

run "ranges_that_a_security_group_does_not_take" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    domain_name     = "mlflow.example.com"
    allowed_cidrs   = ["203.0.113.7/24"]
  }

  expect_failures = [var.allowed_cidrs]
}
