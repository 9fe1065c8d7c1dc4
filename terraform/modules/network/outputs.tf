output "vpc_id" {
  description = "The VPC."
  value       = local.create ? aws_vpc.this[0].id : data.aws_vpc.given[0].id
}

output "service_subnet_ids" {
  description = "Where tasks run."
  value       = local.create ? (var.egress == "public_ip" ? local.public_ids : local.private_ids) : var.subnet_ids

  precondition {
    condition     = local.create || length(local.given_zones) >= 2
    error_message = "subnet_ids are all in one zone (${join(", ", local.given_zones)}): Aurora and the load balancer need subnets in two zones at least."
  }

  precondition {
    condition     = !local.checked || var.egress != "public_ip" || length(local.private) == 0
    error_message = "egress is \"public_ip\", but subnet_ids ${join(", ", local.private)} have no route to an internet gateway, so that no task there could start: name public subnets, or set egress = \"nat\" (or \"endpoints\") if they have another way out."
  }

  precondition {
    condition     = !local.checked || var.egress != "nat" || length(local.public) + length(local.no_way) == 0
    error_message = "egress is \"nat\", but subnet_ids ${join(", ", concat(local.public, local.no_way))} have no route to a NAT gateway or the like (public subnets, or no way out), so that no task there could start: name private subnets that have one, or set egress = \"public_ip\" for public ones, \"endpoints\" for those with interface endpoints."
  }

  # A task that starts before it can reach ECR fails, and is tried again only after a while.
  depends_on = [
    aws_route.internet, aws_route.nat, aws_route_table_association.public, aws_route_table_association.private,
    aws_vpc_endpoint.s3, aws_vpc_endpoint.interface, aws_vpc_security_group_ingress_rule.endpoints,
    aws_vpc_security_group_egress_rule.https,
  ]
}

output "assign_public_ip" {
  description = "Whether tasks get a public address as their way out."
  value       = var.egress == "public_ip"
}

output "database_subnet_ids" {
  description = "Where the database is, and whatever else needs no way out."
  value       = local.create ? local.private_ids : var.subnet_ids
}

output "internal_subnet_ids" {
  description = "Where a load balancer is that only CloudFront reaches."
  value       = local.create ? local.private_ids : var.subnet_ids
  depends_on  = [aws_internet_gateway.this]
}

output "public_subnet_ids" {
  description = "Where a load balancer is that faces the internet."
  value       = local.create ? local.public_ids : (length(var.public_subnet_ids) > 0 ? var.public_subnet_ids : var.subnet_ids)

  precondition {
    condition     = local.create || length(var.public_subnet_ids) == 0 || length(local.given_public_zones) >= 2
    error_message = "public_subnet_ids are all in one zone (${join(", ", local.given_public_zones)}): a load balancer needs subnets in two zones at least."
  }

  depends_on = [aws_route.internet, aws_route_table_association.public]
}

output "service_security_group_id" {
  description = "Security group of the service."
  value       = aws_security_group.service.id
}
