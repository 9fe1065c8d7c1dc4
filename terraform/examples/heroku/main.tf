# The bucket and the user for an app on Heroku:
#
#   terraform init
#   terraform apply
#   eval "$(terraform output -raw heroku_config) --app my-app"

module "mlflow" {
  source = "../.."

  environment = "heroku"
  aws_region  = "us-east-1" # where Heroku's Common Runtime in the US is; eu-west-1 for its EU region
}

output "heroku_config" {
  description = "The command that gives a Heroku app its bucket."
  value       = module.mlflow.heroku_config
  sensitive   = true
}
