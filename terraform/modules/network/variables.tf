variable "name" {
  description = "What the names of the resources begin with."
  type        = string
}

variable "region" {
  description = "The region, for the names of endpoints."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC that is made, /16 to /20."
  type        = string
  default     = "10.60.0.0/16"
}

variable "egress" {
  description = "The way out of the service's subnets: public_ip, nat, endpoints, or none where the service has its own (App Runner)."
  type        = string
  default     = "public_ip"
}

variable "vpc_id" {
  description = "A VPC that exists, to be used instead."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Its subnets for tasks and database, in two zones at least."
  type        = list(string)
  default     = []
}

variable "public_subnet_ids" {
  description = "Its subnets for a load balancer that faces the internet; empty: subnet_ids."
  type        = list(string)
  default     = []
}

variable "exclude_zone_ids" {
  description = "Ids of zones that lack something the service needs."
  type        = list(string)
  default     = []
}
