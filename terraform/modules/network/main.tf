locals {
  create = var.vpc_id == null

  # Two zones are what Aurora and load balancers ask for; more cost more (NAT, endpoints) and hold up nothing.
  zones = local.create ? slice(sort(data.aws_availability_zones.this[0].names), 0, 2) : []

  # Sixteen equal subnets: the first half of the addresses is public, the second private.
  public_cidrs  = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 4, i) }
  private_cidrs = { for i, zone in local.zones : zone => cidrsubnet(var.cidr, 4, i + 8) }

  public_ids  = [for zone in local.zones : aws_subnet.public[zone].id]
  private_ids = [for zone in local.zones : aws_subnet.private[zone].id]

  interface_services = local.create && var.egress == "endpoints" ? toset(["ecr.api", "ecr.dkr", "logs", "secretsmanager"]) : toset([])
}

data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394:The first two by name are taken; a zone that AWS adds gets a later letter.
  count = local.create ? 1 : 0
  state = "available"

  # No local zones, which have neither Fargate nor Aurora.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  exclude_zone_ids = var.exclude_zone_ids

  lifecycle {
    postcondition {
      condition     = length(self.names) >= 2
      error_message = "This account has fewer than two usable zones in ${var.region} (${join(", ", self.names)}): use another aws_region, a network of your own (vpc_id, subnet_ids), or a certificate of your own (certificate_arn), which does without CloudFront and its limits."
    }
  }
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs cost more than the rest of the network; the load balancer and the server log every request.
  count = local.create ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# The group that everything without another one gets: it admits nothing.
resource "aws_default_security_group" "this" {
  count  = local.create ? 1 : 0
  vpc_id = aws_vpc.this[0].id
}

# CloudFront's VPC origins ask for an internet gateway as well, although nothing goes through it.
resource "aws_internet_gateway" "this" {
  count  = local.create ? 1 : 0
  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = local.public_cidrs

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table" "public" {
  count  = local.create ? 1 : 0
  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  count = local.create ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_route_table" "private" {
  count  = local.create ? 1 : 0
  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[0].id
}
