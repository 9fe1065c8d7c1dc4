variable "name" {
  description = "Name of the service."
  type        = string
}

variable "image" {
  description = "The image, in ECR, with its tag."
  type        = string
}

variable "private_image" {
  description = "Whether the image is in a private repository of ECR, which takes a role to pull it; public images (public.ecr.aws) need none."
  type        = bool
}

variable "environment" {
  description = "Environment variables of the server."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that App Runner fills from Secrets Manager: name to ARN, with :KEY:: behind it for a key of a secret in JSON."
  type        = map(string)
}

variable "secrets_version" {
  description = "Changes when a secret's content does; the service is then deployed anew."
  type        = string
}

variable "artifact_policy_json" {
  description = "IAM policy by which the service reaches the bucket."
  type        = string
}

variable "cpu" {
  description = "CPU units of an instance."
  type        = number
}

variable "memory" {
  description = "Memory of an instance in MiB."
  type        = number
}

variable "min_count" {
  description = "Instances at least."
  type        = number
}

variable "max_count" {
  description = "Instances at most."
  type        = number
}

variable "subnet_ids" {
  description = "Subnets from which the service reaches the database and, by the gateway endpoint, S3."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the service."
  type        = string
}
