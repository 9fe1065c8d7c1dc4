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

# Where its subnets send what is for the internet: by a table of their own, or else by the VPC's main one.
data "aws_route_tables" "main" {
  count  = local.checked ? 1 : 0
  vpc_id = var.vpc_id

  filter {
    name   = "association.main"
    values = ["true"]
  }
}

data "aws_route_tables" "given" {
  for_each = local.checked ? toset(var.subnet_ids) : toset([])
  vpc_id   = var.vpc_id

  filter {
    name   = "association.subnet-id"
    values = [each.value]
  }
}

data "aws_route_table" "given" {
  for_each       = data.aws_route_tables.given
  route_table_id = one(concat(each.value.ids, length(each.value.ids) == 0 ? data.aws_route_tables.main[0].ids : []))
}

locals {
  # Behind endpoints there may be no way to the internet at all, and with "none" the service has one of its own.
  checked = !local.create && contains(["public_ip", "nat"], var.egress)

  ways = {
    for subnet, table in data.aws_route_table.given : subnet => [for route in table.routes : route if route.cidr_block == "0.0.0.0/0"]
  }
  public  = [for subnet, ways in local.ways : subnet if anytrue([for way in ways : startswith(way.gateway_id, "igw-")])]
  no_way  = [for subnet, ways in local.ways : subnet if length(ways) == 0]
  private = [for subnet in keys(local.ways) : subnet if !contains(local.public, subnet)]

  given_zones        = distinct([for id in var.subnet_ids : data.aws_subnet.given[id].availability_zone])
  given_public_zones = distinct([for id in var.public_subnet_ids : data.aws_subnet.given[id].availability_zone])
}
