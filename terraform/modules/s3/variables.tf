variable "bucket_prefix" {
  description = "What the name of the bucket that is made begins with, 37 characters at most."
  type        = string
}

variable "bucket_id" {
  description = "Name of a bucket that exists, to be used instead; nothing of it is changed."
  type        = string
  default     = null
}

variable "create_user" {
  description = "Whether to make a user with an access key."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether destroy deletes the bucket with what is in it."
  type        = bool
  default     = false
}

variable "version_days" {
  description = "How long deleted and overwritten objects are kept, in days."
  type        = number
  default     = 90
}
