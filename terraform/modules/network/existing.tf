# A network that exists is looked at before anything is planned in it.
data "aws_vpc" "given" {
  count = local.create ? 0 : 1
  id    = var.vpc_id
}

data "aws_subnet" "given" {
  for_each = local.create ? toset([]) : toset(concat(var.subnet_ids, var.public_subnet_ids))
  id       = each.value

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.vpc_id
      error_message = "Subnet ${self.id} belongs to ${self.vpc_id}, not to ${var.vpc_id}: name subnets of vpc_id."
    }
  }
}

locals {
  given_zones        = distinct([for id in var.subnet_ids : data.aws_subnet.given[id].availability_zone])
  given_public_zones = distinct([for id in var.public_subnet_ids : data.aws_subnet.given[id].availability_zone])
}
