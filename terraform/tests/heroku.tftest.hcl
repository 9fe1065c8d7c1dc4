# The Heroku path, planned by the real provider, which is asked nothing (see bad_input.tftest.hcl).
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

run "a_bucket_and_its_user_and_nothing_more" {
  command = plan

  assert {
    condition = alltrue([
      length(module.network) == 0, length(module.database) == 0, length(module.login) == 0, length(module.registry) == 0,
      length(module.service_ecs) == 0, length(module.service_apprunner) == 0,
    ])
    error_message = "environment = \"heroku\" plans more than the bucket and the user"
  }

  assert {
    condition     = output.service_url == null && output.status == null && output.mlflow_username == null && output.mlflow_password == null && output.image == null
    error_message = "There is no service for Heroku, so its outputs are null"
  }
}

run "what_is_meant_for_aws_changes_nothing" {
  command = plan

  variables {
    compute         = "apprunner"
    mlflow_username = "ada,grace"
    mlflow_password = "long-enough-for-ada,long-enough-for-grace"
  }

  assert {
    condition     = length(module.network) + length(module.service_ecs) + length(module.service_apprunner) + length(module.login) == 0
    error_message = "environment = \"heroku\" plans a service"
  }

  assert {
    condition     = output.mlflow_password == null
    error_message = "A password that is not used is in the state"
  }
}

run "a_bucket_that_exists" {
  command = plan

  variables {
    artifact_bucket_id = "my-bucket"
  }

  override_data {
    target = module.s3.data.aws_s3_bucket.given[0]
    values = { id = "my-bucket", arn = "arn:aws:s3:::my-bucket", region = "eu-west-1" }
  }

  assert {
    condition     = output.artifact_bucket_id == "my-bucket" && module.s3.user_name == "my-bucket" && strcontains(module.s3.policy_json, "arn:aws:s3:::my-bucket/*")
    error_message = "The user is not one for the given bucket"
  }
}

run "the_bucket_is_closed" {
  command = plan

  module {
    source = "./modules/s3"
  }

  variables {
    bucket_prefix = "mlflow-heroku-"
    create_user   = true
    version_days  = 30
  }

  assert {
    condition     = aws_s3_bucket.this[0].bucket_prefix == "mlflow-heroku-" && aws_s3_bucket.this[0].force_destroy == false
    error_message = "The bucket's name begins with mlflow-heroku- and a destroy does not delete artifacts"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this[0].block_public_acls, aws_s3_bucket_public_access_block.this[0].block_public_policy,
      aws_s3_bucket_public_access_block.this[0].ignore_public_acls, aws_s3_bucket_public_access_block.this[0].restrict_public_buckets,
    ])
    error_message = "Public access is blocked in all four ways"
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this[0].rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs are off"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this[0].versioning_configuration[0].status == "Enabled"
    error_message = "The bucket keeps versions"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket is encrypted"
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : length(rule.abort_incomplete_multipart_upload) > 0 && rule.status == "Enabled"
    ])
    error_message = "Incomplete multipart uploads are aborted"
  }

  assert {
    condition = anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : try(rule.noncurrent_version_expiration[0].noncurrent_days, 0) == 30
    ])
    error_message = "Old versions go after version_days"
  }

  assert {
    condition     = length(aws_iam_user.this) == 1 && length(aws_iam_access_key.this) == 1 && length(aws_iam_user_policy.this) == 1
    error_message = "There is a user with a key and a policy"
  }
}
