# The whole stack on AWS with everything by default: the image is built here and pushed (docker and the aws command are needed), the
# password is generated, the address is CloudFront's.
#
#   terraform init
#   terraform apply
#   eval "$(terraform output -raw mlflow_password_command)"

module "mlflow" {
  source = "../.."

  aws_region      = "eu-west-1"
  mlflow_username = "ada"
}

output "service_url" {
  description = "Address of the service."
  value       = module.mlflow.service_url
}

output "mlflow_password_command" {
  description = "The command that prints the password."
  value       = module.mlflow.mlflow_password_command
}
