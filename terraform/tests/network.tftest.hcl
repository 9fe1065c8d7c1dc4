# Every way out: each subnet that the service runs in must reach ECR, CloudWatch Logs, Secrets Manager and S3, or no task starts.
mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1b", "eu-west-1a", "eu-west-1c"] }
  }

  mock_data "aws_subnet" {
    defaults = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-west-1a", cidr_block = "10.1.0.0/24" }
  }

  # Whatever is asked for, one table with a NAT gateway.
  mock_data "aws_route_tables" {
    defaults = { ids = ["rtb-nat"] }
  }

  mock_data "aws_route_table" {
    defaults = { routes = [{ cidr_block = "0.0.0.0/0", nat_gateway_id = "nat-1", gateway_id = "", ipv6_cidr_block = "", destination_prefix_list_id = "", carrier_gateway_id = "", core_network_arn = "", egress_only_gateway_id = "", instance_id = "", local_gateway_id = "", network_interface_id = "", transit_gateway_id = "", vpc_endpoint_id = "", vpc_peering_connection_id = "" }] }
  }

  mock_data "aws_vpc" {
    defaults = { id = "vpc-0123456789abcdef0" }
  }
}

variables {
  name   = "mlflow-test"
  region = "eu-west-1"
}

run "public_addresses" {
  module {
    source = "./modules/network"
  }

  variables {
    egress = "public_ip"
  }

  assert {
    condition     = output.assign_public_ip && length(output.service_subnet_ids) == 2
    error_message = "Tasks get a public address, in two zones"
  }

  assert {
    condition = alltrue([
      for id in output.service_subnet_ids : anytrue([
        for link in aws_route_table_association.public : link.subnet_id == id && link.route_table_id == aws_route.internet[0].route_table_id
      ])
    ]) && aws_route.internet[0].destination_cidr_block == "0.0.0.0/0" && aws_route.internet[0].gateway_id == aws_internet_gateway.this[0].id
    error_message = "A subnet of the service has no way to the internet, so none to ECR, logs and Secrets Manager"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "Something is paid for that is not needed"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "What is started in the public subnets by others gets no address unasked"
  }
}

run "a_nat_gateway" {
  module {
    source = "./modules/network"
  }

  variables {
    egress = "nat"
  }

  assert {
    condition     = !output.assign_public_ip && length(output.service_subnet_ids) == 2
    error_message = "Tasks have no public address, in two zones"
  }

  assert {
    condition = alltrue([
      for id in output.service_subnet_ids : anytrue([
        for link in aws_route_table_association.private : link.subnet_id == id && link.route_table_id == aws_route.nat[0].route_table_id
      ])
    ]) && aws_route.nat[0].destination_cidr_block == "0.0.0.0/0" && aws_route.nat[0].nat_gateway_id == aws_nat_gateway.this[0].id
    error_message = "A subnet of the service has no way to the NAT gateway"
  }

  assert {
    condition = anytrue([
      for link in aws_route_table_association.public : link.subnet_id == aws_nat_gateway.this[0].subnet_id && link.route_table_id == aws_route.internet[0].route_table_id
    ])
    error_message = "The NAT gateway itself has no way to the internet"
  }
}

run "interface_endpoints" {
  module {
    source = "./modules/network"
  }

  variables {
    egress = "endpoints"
  }

  assert {
    condition = alltrue(flatten([
      for id in output.service_subnet_ids : [
        for service in ["ecr.api", "ecr.dkr", "logs", "secretsmanager"] :
        contains(aws_vpc_endpoint.interface[service].subnet_ids, id) && aws_vpc_endpoint.interface[service].private_dns_enabled
        && aws_vpc_endpoint.interface[service].service_name == "com.amazonaws.eu-west-1.${service}"
      ]
    ])) && length(output.service_subnet_ids) == 2
    error_message = "A subnet of the service lacks an endpoint for ECR, logs or Secrets Manager"
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.endpoints[0].referenced_security_group_id == output.service_security_group_id
      && aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443
      && aws_vpc_security_group_ingress_rule.endpoints[0].security_group_id == one(aws_vpc_endpoint.interface["ecr.api"].security_group_ids)
    )
    error_message = "The endpoints do not admit the service, or admit others"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && !output.assign_public_ip
    error_message = "There is a way to the internet where none is wanted"
  }
}

run "what_every_network_has" {
  module {
    source = "./modules/network"
  }

  variables {
    egress           = "public_ip"
    exclude_zone_ids = ["euw1-az3"]
  }

  # S3, which image layers come from as well, by the gateway endpoint, from every subnet.
  assert {
    condition     = toset(aws_vpc_endpoint.s3[0].route_table_ids) == toset([aws_route_table.public[0].id, aws_route_table.private[0].id]) && aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway"
    error_message = "A subnet does not reach S3 by the gateway endpoint"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.https.security_group_id == output.service_security_group_id && aws_vpc_security_group_egress_rule.https.from_port == 443
    error_message = "The service may not call HTTPS"
  }

  assert {
    condition     = length(aws_default_security_group.this[0].ingress) == 0 && length(aws_default_security_group.this[0].egress) == 0
    error_message = "The default security group admits something"
  }

  assert {
    condition     = keys(aws_subnet.public) == ["eu-west-1a", "eu-west-1b"] && keys(aws_subnet.private) == ["eu-west-1a", "eu-west-1b"]
    error_message = "Subnets are not in the first two zones, whatever order AWS names them in"
  }

  assert {
    condition     = length(distinct(concat([for s in aws_subnet.public : s.cidr_block], [for s in aws_subnet.private : s.cidr_block]))) == 4
    error_message = "Subnets share addresses"
  }

  # The database's subnets have no route to the internet.
  assert {
    condition     = length(setintersection(output.database_subnet_ids, [for s in aws_subnet.public : s.id])) == 0 && length(aws_route.nat) == 0
    error_message = "The database is in a public subnet"
  }
}

run "a_region_with_one_usable_zone" {
  command = plan

  module {
    source = "./modules/network"
  }

  override_data {
    target = data.aws_availability_zones.this[0]
    values = { names = ["us-west-1a"] }
  }

  expect_failures = [data.aws_availability_zones.this]
}

run "a_network_of_ones_own" {
  module {
    source = "./modules/network"
  }

  variables {
    vpc_id            = "vpc-0123456789abcdef0"
    subnet_ids        = ["subnet-a", "subnet-b"]
    public_subnet_ids = ["subnet-c", "subnet-d"]
    egress            = "nat"
  }

  override_data {
    target = data.aws_subnet.given["subnet-b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-west-1b", cidr_block = "10.1.1.0/24" }
  }

  override_data {
    target = data.aws_subnet.given["subnet-d"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-west-1b", cidr_block = "10.1.3.0/24" }
  }

  assert {
    condition = alltrue([
      length(aws_vpc.this) == 0, length(aws_subnet.public) == 0, length(aws_subnet.private) == 0, length(aws_nat_gateway.this) == 0,
      length(aws_vpc_endpoint.interface) == 0, length(aws_vpc_endpoint.s3) == 0, length(aws_route_table.public) == 0,
      length(aws_default_security_group.this) == 0,
    ])
    error_message = "Something is made in a network that exists"
  }

  assert {
    condition     = output.service_subnet_ids == tolist(["subnet-a", "subnet-b"]) && output.database_subnet_ids == tolist(["subnet-a", "subnet-b"]) && output.public_subnet_ids == tolist(["subnet-c", "subnet-d"])
    error_message = "Other subnets than the given ones are used"
  }

  assert {
    condition     = !output.assign_public_ip
    error_message = "The tasks get an address"
  }
}

run "subnets_in_one_zone" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id            = "vpc-0123456789abcdef0"
    subnet_ids        = ["subnet-a", "subnet-b"]
    public_subnet_ids = ["subnet-c", "subnet-d"]
    egress            = "nat"
  }

  expect_failures = [output.service_subnet_ids, output.public_subnet_ids]
}

run "a_subnet_of_another_vpc" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-a", "subnet-b"]
    egress     = "nat"
  }

  override_data {
    target = data.aws_subnet.given["subnet-b"]
    values = { vpc_id = "vpc-00000000000000000", availability_zone = "eu-west-1b", cidr_block = "10.2.0.0/24" }
  }

  expect_failures = [data.aws_subnet.given]
}

run "private_subnets_for_tasks_with_public_addresses" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-a", "subnet-b"]
    egress     = "public_ip"
  }

  override_data {
    target = data.aws_subnet.given["subnet-b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-west-1b", cidr_block = "10.1.1.0/24" }
  }

  expect_failures = [output.service_subnet_ids]
}

run "behind_endpoints_no_route_is_asked_for" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-a", "subnet-b"]
    egress     = "endpoints"
  }

  override_data {
    target = data.aws_subnet.given["subnet-b"]
    values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-west-1b", cidr_block = "10.1.1.0/24" }
  }

  assert {
    condition     = length(data.aws_route_table.given) == 0
    error_message = "Routes are looked at that do not matter"
  }
}
