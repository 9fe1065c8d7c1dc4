variable "name" {
  description = "What the names of the resources begin with."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in two zones at least."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Security group of whoever may connect: the service."
  type        = string
}

variable "min_capacity" {
  description = "Least capacity in ACU; 0 lets the database pause."
  type        = number
}

variable "max_capacity" {
  description = "Most capacity in ACU."
  type        = number
}

variable "auto_pause_seconds" {
  description = "Idle time before a pause, in seconds; counts only with a min_capacity of 0."
  type        = number
  default     = 300
}

variable "backup_days" {
  description = "Days that any moment of can be restored."
  type        = number
  default     = 7
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the cluster."
  type        = bool
  default     = true
}

variable "skip_final_snapshot" {
  description = "Whether destroy leaves no snapshot."
  type        = bool
  default     = false
}

variable "password_version" {
  description = "Raise it to have the password made anew."
  type        = number
  default     = 1
}

variable "log_retention_days" {
  description = "How long the database's log is kept, in days."
  type        = number
  default     = 30
}
