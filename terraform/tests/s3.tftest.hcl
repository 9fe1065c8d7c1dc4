# The bucket's policies, whole, and what happens with a bucket of one's own.
mock_provider "aws" {
  # Policies are computed by the provider, without asking AWS: what it would have made of these documents is checked against moto in
  # the end-to-end tests. Here it is their sources that count.
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_s3_bucket" {
    defaults = { id = "my-bucket", arn = "arn:aws:s3:::my-bucket", region = "eu-west-1" }
  }
}

run "a_bucket_of_ones_own_is_left_alone" {
  module {
    source = "./modules/s3"
  }

  variables {
    bucket_prefix = "unused-"
    bucket_id     = "my-bucket"
    create_user   = true
  }

  assert {
    condition = alltrue([
      length(aws_s3_bucket.this) == 0, length(aws_s3_bucket_policy.this) == 0, length(aws_s3_bucket_public_access_block.this) == 0,
      length(aws_s3_bucket_versioning.this) == 0, length(aws_s3_bucket_lifecycle_configuration.this) == 0,
      length(aws_s3_bucket_server_side_encryption_configuration.this) == 0, length(aws_s3_bucket_ownership_controls.this) == 0,
    ])
    error_message = "Something of the given bucket is changed"
  }

  assert {
    condition     = output.bucket_id == "my-bucket" && output.bucket_region == "eu-west-1" && output.user_name == "my-bucket"
    error_message = "The given bucket is used, in its own region, by a user of its name"
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.artifacts.statement :
      alltrue([for resource in statement.resources : contains(["arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"], resource)])
    ])
    error_message = "The policy names something else than the given bucket"
  }
}

run "the_tasks_need_no_user" {
  module {
    source = "./modules/s3"
  }

  variables {
    bucket_prefix = "mlflow-prod-"
  }

  assert {
    condition     = length(aws_iam_user.this) + length(aws_iam_access_key.this) + length(aws_iam_user_policy.this) == 0
    error_message = "An access key is made where a role does"
  }

  assert {
    condition     = output.access_key_id == null && output.secret_access_key == null
    error_message = "There is a key where there is no user"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.artifacts.statement : statement.actions])) == toset([
      "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock",
      "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
    ])
    error_message = "The policy allows more or less than list, get, put, delete, multipart and what doctor looks at"
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.tls_only[0].statement :
      statement.effect == "Deny" && contains(statement.actions, "s3:*") && length(statement.resources) == 2
    ])
    error_message = "The bucket's policy does not refuse everything without TLS"
  }
}
