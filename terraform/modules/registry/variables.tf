variable "name" {
  description = "Name of the repository."
  type        = string
}

variable "region" {
  description = "Region of the repository."
  type        = string
}

variable "source_dir" {
  description = "Directory with the Dockerfile."
  type        = string
}

variable "image_tag" {
  description = "Tag of the image, which the architecture is added to; null: one made from the source's hash."
  type        = string
  default     = null
}

variable "architecture" {
  description = "X86_64 or ARM64."
  type        = string
  default     = "X86_64"
}
