# On App Runner, for accounts that have it (it has been closed to new customers since 30 April 2026).

module "mlflow" {
  source = "../.."

  compute        = "apprunner"
  aws_region     = "eu-west-1"
  service_cpu    = 1024
  service_memory = 2048

  mlflow_username = "ada"
}

output "service_url" {
  description = "Address of the service."
  value       = module.mlflow.service_url
}

output "status" {
  description = "RUNNING when it answers."
  value       = module.mlflow.status
}
