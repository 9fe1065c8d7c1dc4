# Artifacts never leave AWS's network, and cost nothing on the way.
resource "aws_vpc_endpoint" "s3" {
  count = local.create ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.public[0].id, aws_route_table.private[0].id]

  tags = { Name = "${var.name}-s3" }
}

# One gateway for both zones: when its zone fails, tasks that run go on and new ones do not start.
resource "aws_eip" "nat" {
  count  = local.create && var.egress == "nat" ? 1 : 0
  domain = "vpc"

  tags = { Name = "${var.name}-nat" }
}

resource "aws_nat_gateway" "this" {
  count = local.create && var.egress == "nat" ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = local.public_ids[0]

  tags       = { Name = var.name }
  depends_on = [aws_route.internet]
}

resource "aws_route" "nat" {
  count = local.create && var.egress == "nat" ? 1 : 0

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}

# Fargate pulls the image from ecr.dkr and, by way of S3, its layers; it asks ecr.api, secretsmanager and logs before the task starts.
resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_services

  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = local.private_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  count = local.create && var.egress == "endpoints" ? 1 : 0

  name_prefix = "${var.name}-endpoints-"
  description = "Interface endpoints: only the service may call them"
  vpc_id      = aws_vpc.this[0].id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.create && var.egress == "endpoints" ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "HTTPS from the service"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
