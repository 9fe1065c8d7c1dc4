variable "name" {
  description = "What the names of the resources begin with."
  type        = string
}

variable "users" {
  description = "How many users there are."
  type        = number
}

variable "password" {
  description = "Their passwords, separated by commas; null: one is generated for each."
  type        = string
  default     = null
  sensitive   = true
}

variable "password_version" {
  description = "Raise it to have generated passwords made anew."
  type        = number
  default     = 1
}

variable "session_version" {
  description = "Raise it to sign everybody out."
  type        = number
  default     = 1
}
