output "artifact_bucket_id" {
  description = "Name of the bucket that holds the artifacts."
  value       = module.s3.bucket_id
}

# --- For Heroku (environment = "heroku"); null on AWS, where no access key exists

output "aws_access_key_id" {
  description = "Access key of the user that may use this bucket and nothing else."
  value       = module.s3.access_key_id
}

output "aws_secret_access_key" {
  description = "Its secret."
  value       = module.s3.secret_access_key
  sensitive   = true
}

output "heroku_config" {
  description = "The command that gives a Heroku app its bucket: terraform output -raw heroku_config."
  sensitive   = true
  value = module.s3.access_key_id == null ? null : join(" ", [
    "heroku config:set",
    "MLFLOW_ARTIFACT_URI='s3://${module.s3.bucket_id}'",
    "AWS_DEFAULT_REGION='${module.s3.bucket_region}'",
    "AWS_ACCESS_KEY_ID='${module.s3.access_key_id}'",
    "AWS_SECRET_ACCESS_KEY='${module.s3.secret_access_key}'",
  ])
}

# --- On AWS; null for Heroku

output "service_url" {
  description = "Address of the service: for the browser and for MLFLOW_TRACKING_URI."
  value       = one(concat(module.service_ecs[*].url, module.service_apprunner[*].url))
}

output "status" {
  description = "RUNNING when the tasks are healthy, DEPLOYING when apply did not wait for them (wait_for_steady_state = false), ROLLED_BACK when a deploy has failed and gone back, else what App Runner says."
  value       = one(concat(module.service_ecs[*].status, module.service_apprunner[*].status))
}

output "mlflow_username" {
  description = "The users."
  value       = local.heroku ? null : var.mlflow_username
}

output "mlflow_password" {
  description = "Their passwords when they were given; null when they were generated: mlflow_password_command reads those."
  value       = local.heroku ? null : var.mlflow_password
  sensitive   = true
}

output "mlflow_password_command" {
  description = "The command that reads the passwords from Secrets Manager."
  value       = local.heroku ? null : "aws secretsmanager get-secret-value --region ${var.aws_region} --secret-id ${module.login[0].secret_arn} --query SecretString --output text"
}

output "image" {
  description = "The image that runs."
  value       = local.heroku ? null : local.image
}

output "load_balancer_dns_name" {
  description = "Where to point domain_name (a CNAME or an alias); internal, and of no use to a browser, without certificate_arn."
  value       = one(module.service_ecs[*].load_balancer_dns_name)
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = one(module.service_ecs[*].cluster_name)
}

output "service_name" {
  description = "The ECS service."
  value       = one(module.service_ecs[*].service_name)
}

output "log_group_name" {
  description = "The server's logs: aws logs tail NAME --follow."
  value       = one(module.service_ecs[*].log_group_name)
}

output "database_endpoint" {
  description = "Host of the database."
  value       = one(module.database[*].endpoint)
}

output "database_cluster_id" {
  description = "The Aurora cluster."
  value       = one(module.database[*].cluster_id)
}

output "database_password_command" {
  description = "The command that reads the database's password from Secrets Manager."
  value       = local.heroku ? null : "aws secretsmanager get-secret-value --region ${var.aws_region} --secret-id ${module.database[0].secret_arn} --query SecretString --output text"
}
