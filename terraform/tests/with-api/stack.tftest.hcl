# The AWS path in every combination of variables that matters. Only plans: but the generated passwords are asked for at plan time and
# terraform has no mocks of ephemeral resources, so these runs need an AWS account or moto (AWS_ENDPOINT_URL):
# terraform test -test-directory=tests/with-api

run "nothing_given" {
  command = plan

  assert {
    condition = alltrue([
      length(module.network) == 1, length(module.database) == 1, length(module.login) == 1, length(module.registry) == 1,
      length(module.service_ecs) == 1, length(module.service_apprunner) == 0,
    ])
    error_message = "The default is ECS with an image that is built"
  }

  assert {
    condition     = output.mlflow_username == "mlflow" && output.mlflow_password == null && output.aws_access_key_id == null && output.heroku_config == null
    error_message = "A generated password or an access key is in the state"
  }

  assert {
    condition     = module.network[0].assign_public_ip && module.s3.user_name == null
    error_message = "The defaults are others"
  }
}

run "passwords_a_certificate_nat_arm_and_a_bucket" {
  command = plan

  variables {
    name                 = "ml"
    environment          = "dev"
    mlflow_username      = "ada,grace\\, admiral"
    mlflow_password      = "a-long\\,password,another-password"
    certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    domain_name          = "mlflow.example.com"
    allowed_cidrs        = ["203.0.113.0/24"]
    egress               = "nat"
    service_architecture = "ARM64"
    service_cpu          = 1024
    service_memory       = 4096
    service_environment  = { WEB_CONCURRENCY = "4" }
    service_secrets      = { MLFLOW_TOKENS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tokens-AbCdEf" }
    image                = "ghcr.io/example/mlflow:1.0.0"
    artifact_bucket_id   = "my-bucket"
    db_min_capacity      = 0.5
    db_max_capacity      = 8
  }

  override_data {
    target = module.s3.data.aws_s3_bucket.given[0]
    values = { id = "my-bucket", arn = "arn:aws:s3:::my-bucket", region = "eu-west-1" }
  }

  assert {
    condition     = nonsensitive(output.mlflow_password) == "a-long\\,password,another-password" && output.service_url == "https://mlflow.example.com"
    error_message = "Given passwords and the given name are put out"
  }

  assert {
    condition     = length(module.registry) == 0 && output.image == "ghcr.io/example/mlflow:1.0.0" && output.artifact_bucket_id == "my-bucket"
    error_message = "The given image and bucket are used"
  }

  assert {
    condition     = !module.network[0].assign_public_ip && strcontains(module.s3.policy_json, "arn:aws:s3:::my-bucket/*")
    error_message = "The tasks have an address, or no policy for the given bucket"
  }
}

run "endpoints_alarms_and_a_tag" {
  command = plan

  variables {
    egress            = "endpoints"
    image_tag         = "1.0.0"
    alarm_email       = "ops@example.com"
    service_min_count = 2
    service_max_count = 2
  }

  assert {
    condition     = length(module.registry) == 1 && !module.network[0].assign_public_ip
    error_message = "The image is built under the given tag, and tasks have no address"
  }
}

run "an_existing_network_behind_cloudfront" {
  command = plan

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-aaaa", "subnet-bbbb"]
    egress     = "nat"
    image      = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mlflow:1.0.0"
  }

  override_data {
    target = module.network[0].data.aws_vpc.given[0]
    values = { id = "vpc-0123456789abcdef0" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-aaaa"]
    values = { id = "subnet-aaaa", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1a", cidr_block = "10.1.0.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-bbbb"]
    values = { id = "subnet-bbbb", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1b", cidr_block = "10.1.1.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.main[0]
    values = { ids = ["rtb-main"] }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.given["subnet-aaaa"]
    values = { ids = [] }
  }

  override_data {
    target = module.network[0].data.aws_route_table.given["subnet-aaaa"]
    values = { routes = [{ cidr_block = "0.0.0.0/0", gateway_id = "", nat_gateway_id = "nat-1", ipv6_cidr_block = "", destination_prefix_list_id = "", carrier_gateway_id = "", core_network_arn = "", egress_only_gateway_id = "", instance_id = "", local_gateway_id = "", network_interface_id = "", transit_gateway_id = "", vpc_endpoint_id = "", vpc_peering_connection_id = "" }] }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.given["subnet-bbbb"]
    values = { ids = [] }
  }

  override_data {
    target = module.network[0].data.aws_route_table.given["subnet-bbbb"]
    values = { routes = [{ cidr_block = "0.0.0.0/0", gateway_id = "", nat_gateway_id = "nat-1", ipv6_cidr_block = "", destination_prefix_list_id = "", carrier_gateway_id = "", core_network_arn = "", egress_only_gateway_id = "", instance_id = "", local_gateway_id = "", network_interface_id = "", transit_gateway_id = "", vpc_endpoint_id = "", vpc_peering_connection_id = "" }] }
  }

  assert {
    condition     = module.network[0].vpc_id == "vpc-0123456789abcdef0" && module.network[0].service_subnet_ids == tolist(["subnet-aaaa", "subnet-bbbb"])
    error_message = "The given network is used"
  }
}

run "an_existing_network_with_a_certificate_that_is_not_waited_for" {
  command = plan

  variables {
    vpc_id                = "vpc-0123456789abcdef0"
    subnet_ids            = ["subnet-aaaa", "subnet-bbbb"]
    public_subnet_ids     = ["subnet-cccc", "subnet-dddd"]
    egress                = "nat"
    certificate_arn       = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    domain_name           = "mlflow.example.com"
    wait_for_steady_state = false
  }

  override_data {
    target = module.network[0].data.aws_vpc.given[0]
    values = { id = "vpc-0123456789abcdef0" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-aaaa"]
    values = { id = "subnet-aaaa", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1a", cidr_block = "10.1.0.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-bbbb"]
    values = { id = "subnet-bbbb", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1b", cidr_block = "10.1.1.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-cccc"]
    values = { id = "subnet-cccc", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1a", cidr_block = "10.1.2.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-dddd"]
    values = { id = "subnet-dddd", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1b", cidr_block = "10.1.3.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.main[0]
    values = { ids = ["rtb-main"] }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.given["subnet-aaaa"]
    values = { ids = [] }
  }

  override_data {
    target = module.network[0].data.aws_route_table.given["subnet-aaaa"]
    values = { routes = [{ cidr_block = "0.0.0.0/0", gateway_id = "", nat_gateway_id = "nat-1", ipv6_cidr_block = "", destination_prefix_list_id = "", carrier_gateway_id = "", core_network_arn = "", egress_only_gateway_id = "", instance_id = "", local_gateway_id = "", network_interface_id = "", transit_gateway_id = "", vpc_endpoint_id = "", vpc_peering_connection_id = "" }] }
  }

  override_data {
    target = module.network[0].data.aws_route_tables.given["subnet-bbbb"]
    values = { ids = [] }
  }

  override_data {
    target = module.network[0].data.aws_route_table.given["subnet-bbbb"]
    values = { routes = [{ cidr_block = "0.0.0.0/0", gateway_id = "", nat_gateway_id = "nat-1", ipv6_cidr_block = "", destination_prefix_list_id = "", carrier_gateway_id = "", core_network_arn = "", egress_only_gateway_id = "", instance_id = "", local_gateway_id = "", network_interface_id = "", transit_gateway_id = "", vpc_endpoint_id = "", vpc_peering_connection_id = "" }] }
  }

  assert {
    condition     = module.network[0].public_subnet_ids == tolist(["subnet-cccc", "subnet-dddd"]) && module.network[0].service_subnet_ids == tolist(["subnet-aaaa", "subnet-bbbb"])
    error_message = "The load balancer is not in the public subnets, or the tasks are not in the private ones"
  }

  assert {
    condition     = output.service_url == "https://mlflow.example.com" && !module.network[0].assign_public_ip
    error_message = "The address is not the certificate's, or tasks have one of their own"
  }
}

run "apprunner_in_an_existing_network" {
  command = plan

  variables {
    compute        = "apprunner"
    service_cpu    = 1024
    service_memory = 2048
    vpc_id         = "vpc-0123456789abcdef0"
    subnet_ids     = ["subnet-aaaa", "subnet-bbbb"]
    image          = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mlflow:1.0.0"
  }

  override_data {
    target = module.network[0].data.aws_vpc.given[0]
    values = { id = "vpc-0123456789abcdef0" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-aaaa"]
    values = { id = "subnet-aaaa", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1a", cidr_block = "10.1.0.0/24" }
  }

  override_data {
    target = module.network[0].data.aws_subnet.given["subnet-bbbb"]
    values = { id = "subnet-bbbb", vpc_id = "vpc-0123456789abcdef0", availability_zone = "us-east-1b", cidr_block = "10.1.1.0/24" }
  }

  assert {
    condition     = length(module.service_apprunner) == 1 && module.network[0].database_subnet_ids == tolist(["subnet-aaaa", "subnet-bbbb"])
    error_message = "The service does not reach the given network"
  }
}

run "apprunner_with_an_image" {
  command = plan

  variables {
    compute        = "apprunner"
    aws_region     = "us-east-1"
    service_cpu    = 1024
    service_memory = 2048
    image          = "public.ecr.aws/example/mlflow:1.0.0"
  }

  assert {
    condition     = length(module.service_apprunner) == 1 && length(module.service_ecs) == 0 && length(module.registry) == 0 && output.cluster_name == null
    error_message = "The service is App Runner's"
  }
}

run "apprunner_with_an_image_that_is_built" {
  command = plan

  variables {
    compute           = "apprunner"
    mlflow_username   = "ada,grace"
    service_max_count = 1
  }

  assert {
    condition     = length(module.service_apprunner) == 1 && length(module.registry) == 1 && output.mlflow_password == null
    error_message = "The image is built, and passwords are generated"
  }
}

run "a_database_that_pauses" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    name                     = "mlflow-test"
    vpc_id                   = "vpc-1"
    subnet_ids               = ["subnet-a", "subnet-b"]
    client_security_group_id = "sg-service"
    min_capacity             = 0
    max_capacity             = 4
    auto_pause_seconds       = 600
  }

  assert {
    condition     = one(aws_rds_cluster.this.serverlessv2_scaling_configuration).min_capacity == 0 && one(aws_rds_cluster.this.serverlessv2_scaling_configuration).seconds_until_auto_pause == 600
    error_message = "The database does not pause when it should"
  }

  assert {
    condition     = aws_rds_cluster.this.deletion_protection && !aws_rds_cluster.this.skip_final_snapshot && aws_rds_cluster.this.storage_encrypted && aws_rds_cluster.this.backup_retention_period == 7
    error_message = "The database is not protected, encrypted and backed up by default"
  }

  assert {
    condition     = anytrue([for parameter in aws_rds_cluster_parameter_group.this.parameter : parameter.name == "rds.force_ssl" && parameter.value == "1"])
    error_message = "The database takes connections without TLS"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-service" && aws_vpc_security_group_ingress_rule.clients.from_port == 5432 && aws_vpc_security_group_ingress_rule.clients.to_port == 5432
    error_message = "Others than the service reach the database"
  }

  assert {
    condition     = aws_rds_cluster.this.master_password == null && aws_rds_cluster.this.manage_master_user_password == null
    error_message = "The password is in the state, or RDS changes it by itself"
  }

  # Enhanced monitoring and Performance Insights would keep it awake, or cost.
  assert {
    condition     = coalesce(aws_rds_cluster_instance.this.monitoring_interval, 0) == 0 && aws_rds_cluster_instance.this.instance_class == "db.serverless"
    error_message = "The database is kept from pausing"
  }
}

run "a_database_that_never_pauses_and_leaves_nothing" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    name                     = "mlflow-test"
    vpc_id                   = "vpc-1"
    subnet_ids               = ["subnet-a", "subnet-b"]
    client_security_group_id = "sg-service"
    min_capacity             = 0.5
    max_capacity             = 4
    deletion_protection      = false
    skip_final_snapshot      = true
  }

  assert {
    condition     = one(aws_rds_cluster.this.serverlessv2_scaling_configuration).min_capacity == 0.5
    error_message = "The database would pause"
  }

  assert {
    condition     = !aws_rds_cluster.this.deletion_protection && aws_rds_cluster.this.skip_final_snapshot && aws_rds_cluster.this.final_snapshot_identifier == null
    error_message = "A destroy leaves something"
  }
}
