# In a network that exists, on a name of your own, with an image from your registry and a bucket that is there already.

variable "vpc_id" {
  description = "Your VPC."
  type        = string
}

variable "private_subnet_ids" {
  description = "Its private subnets, in two zones, with a way out (NAT, or endpoints for ecr.api, ecr.dkr, logs, secretsmanager and S3)."
  type        = list(string)
}

variable "public_subnet_ids" {
  description = "Its public subnets, in two zones, for the load balancer."
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate for the name, in ACM."
  type        = string
}

variable "artifact_bucket_id" {
  description = "Your bucket."
  type        = string
}

module "mlflow" {
  source = "../.."

  aws_region = "eu-west-1"

  vpc_id            = var.vpc_id
  subnet_ids        = var.private_subnet_ids
  public_subnet_ids = var.public_subnet_ids
  egress            = "nat" # the subnets have a way out, nothing is made

  certificate_arn = var.certificate_arn
  domain_name     = "mlflow.example.com"
  allowed_cidrs   = ["203.0.113.0/24"] # the office

  image              = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlflow:1.0.0"
  artifact_bucket_id = var.artifact_bucket_id

  mlflow_username = "ada,grace"

  service_min_count = 2 # one in each zone
  db_min_capacity   = 0.5
  db_backup_days    = 30
  alarm_email       = "ops@example.com"
}

output "service_url" {
  description = "Address of the service."
  value       = module.mlflow.service_url
}

output "load_balancer_dns_name" {
  description = "Point mlflow.example.com here (CNAME, or an alias in Route 53)."
  value       = module.mlflow.load_balancer_dns_name
}
