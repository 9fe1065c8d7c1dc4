output "bucket_id" {
  description = "Name of the bucket."
  # Whoever gets the name gets a bucket that is private already.
  value      = local.bucket_id
  depends_on = [aws_s3_bucket_policy.this, aws_s3_bucket_public_access_block.this]
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = local.bucket_arn
}

output "bucket_region" {
  description = "Region of the bucket."
  value       = local.bucket_region
}

output "policy_json" {
  description = "IAM policy for whoever serves the artifacts."
  value       = data.aws_iam_policy_document.artifacts.json
}

output "user_name" {
  description = "The user; null without create_user."
  value       = one(aws_iam_user.this[*].name)
}

output "access_key_id" {
  description = "Access key of the user; null without create_user."
  # A key that works only after the policy is there.
  value      = one(aws_iam_access_key.this[*].id)
  depends_on = [aws_iam_user_policy.this]
}

output "secret_access_key" {
  description = "Secret of the access key; null without create_user."
  value       = one(aws_iam_access_key.this[*].secret)
  sensitive   = true
}
