variable "name" {
  description = "What the names of the resources are or begin with."
  type        = string
}

variable "region" {
  description = "The region, for the log driver."
  type        = string
}

variable "image" {
  description = "The image, with its tag."
  type        = string
}

variable "environment" {
  description = "Environment variables of the server."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that ECS fills from Secrets Manager: name to ARN, with :KEY:: behind it for a key of a secret in JSON."
  type        = map(string)
}

variable "secrets_version" {
  description = "Changes when a secret's content does; the tasks are then replaced, since they read it only when they start."
  type        = string
}

variable "artifact_policy_json" {
  description = "IAM policy by which the tasks reach the bucket."
  type        = string
}

variable "cpu" {
  description = "CPU units of a task."
  type        = number
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
}

variable "architecture" {
  description = "X86_64 or ARM64."
  type        = string
}

variable "min_count" {
  description = "Tasks at least."
  type        = number
}

variable "max_count" {
  description = "Tasks at most."
  type        = number
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Where tasks run."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the tasks."
  type        = string
}

variable "assign_public_ip" {
  description = "Whether tasks get a public address as their way out."
  type        = bool
}

variable "internal_subnet_ids" {
  description = "Where the load balancer is that only CloudFront reaches."
  type        = list(string)
}

variable "public_subnet_ids" {
  description = "Where the load balancer is that faces the internet."
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate for domain_name; null: CloudFront."
  type        = string
  default     = null
}

variable "domain_name" {
  description = "Name that the certificate is for."
  type        = string
  default     = null
}

variable "allowed_cidrs" {
  description = "Who reaches the load balancer that faces the internet."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "database_cluster_id" {
  description = "Cluster that the alarms watch as well."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
}

variable "alarm_email" {
  description = "Address that alarms are sent to, or null."
  type        = string
  default     = null
}

variable "wait_for_steady_state" {
  description = "Whether apply waits for healthy tasks."
  type        = bool
  default     = true
}
