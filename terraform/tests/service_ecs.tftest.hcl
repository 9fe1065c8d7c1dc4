# The ECS service in both of its forms: behind CloudFront, and behind a certificate of one's own.
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mlflow-test" }
  }

  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/mlflow-test/1", dns_name = "mlflow-test.elb.amazonaws.com" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/mlflow-test/1" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/mlflow-test/1/1" }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/mlflow-test:1" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { domain_name = "d111111abcdef8.cloudfront.net" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mlflow-test-alarms" }
  }
}

variables {
  name                 = "mlflow-test"
  region               = "eu-west-1"
  image                = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/mlflow:1.0.0"
  environment          = { MLFLOW_DB_HOST = "database.example", MLFLOW_ARTIFACT_URI = "s3://bucket", MLFLOW_TOKENS = "in plain sight" }
  secrets              = { MLFLOW_DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1", MLFLOW_TRACKING_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-1", MLFLOW_TOKENS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-1:tokens::" }
  secrets_version      = "one"
  artifact_policy_json = "{}"
  cpu                  = 512
  memory               = 1024
  architecture         = "X86_64"
  min_count            = 1
  max_count            = 3
  vpc_id               = "vpc-1"
  subnet_ids           = ["subnet-a", "subnet-b"]
  security_group_id    = "sg-service"
  assign_public_ip     = true
  internal_subnet_ids  = ["subnet-c", "subnet-d"]
  public_subnet_ids    = ["subnet-a", "subnet-b"]
  database_cluster_id  = "mlflow-test"
  log_retention_days   = 30
}

run "behind_cloudfront" {
  module {
    source = "./modules/service-ecs"
  }

  # Nothing of the load balancer is on the internet, and only CloudFront's addresses are admitted.
  assert {
    condition     = aws_lb.this.internal && aws_lb.this.subnets == toset(["subnet-c", "subnet-d"]) && aws_lb.this.drop_invalid_header_fields
    error_message = "The load balancer is not internal, in the private subnets, or lets odd headers through"
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.clients) == 0 && aws_vpc_security_group_ingress_rule.cloudfront[0].prefix_list_id == data.aws_ec2_managed_prefix_list.cloudfront[0].id && length(aws_lb_listener.https) == 0
    error_message = "Others than CloudFront reach the load balancer"
  }

  assert {
    condition = (
      one(aws_cloudfront_distribution.this[0].default_cache_behavior).viewer_protocol_policy == "redirect-to-https"
      && one(aws_cloudfront_distribution.this[0].default_cache_behavior).cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
      && one(aws_cloudfront_distribution.this[0].default_cache_behavior).origin_request_policy_id == "33f36d7e-f396-46d9-90e0-52428a34d9dc"
      && length(one(aws_cloudfront_distribution.this[0].default_cache_behavior).allowed_methods) == 7
    )
    error_message = "CloudFront caches, holds back headers, or refuses methods"
  }

  assert {
    condition     = one(one(aws_cloudfront_distribution.this[0].origin).vpc_origin_config).vpc_origin_id == aws_cloudfront_vpc_origin.this[0].id && one(aws_cloudfront_vpc_origin.this[0].vpc_origin_endpoint_config).arn == aws_lb.this.arn
    error_message = "CloudFront does not reach the load balancer by a VPC origin"
  }

  # The gate knows its name, and whom to believe.
  assert {
    condition = length(setsubtract([
      "MLFLOW_ALLOWED_HOSTS=d111111abcdef8.cloudfront.net", "MLFLOW_TRUSTED_PROXIES=2", "MLFLOW_FORCE_HTTPS=true",
      "MLFLOW_DB_HOST=database.example", "MLFLOW_ARTIFACT_URI=s3://bucket",
    ], [for pair in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : "${pair.name}=${pair.value}"])) == 0
    error_message = "A variable is missing"
  }

  assert {
    condition     = output.url == "https://d111111abcdef8.cloudfront.net" && output.status == "RUNNING"
    error_message = "Without a certificate, the address is CloudFront's"
  }

  # Secrets by ARN, and in no plain variable.
  assert {
    condition = toset([for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : "${secret.name} ${secret.valueFrom}"]) == toset([
      "MLFLOW_DB_PASSWORD arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1",
      "MLFLOW_TOKENS arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-1:tokens::",
      "MLFLOW_TRACKING_PASSWORD arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-1",
    ]) && !strcontains(aws_ecs_task_definition.this.container_definitions, "in plain sight")
    error_message = "The secrets are not injected by ARN, or in plain sight as well"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].dockerLabels["mlflow-server.secrets"] == "one"
    error_message = "New secrets would not make new tasks"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "The container keeps capabilities"
  }

  # Without a limit of its own the container sees the memory of the machine that the task runs on.
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].memory == 1024
    error_message = "The server cannot see how much memory the task has"
  }

  # Deploys: new before old, back when it fails, and time for a migration.
  assert {
    condition = (
      aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.deployment_maximum_percent == 200
      && one(aws_ecs_service.this.deployment_circuit_breaker).enable && one(aws_ecs_service.this.deployment_circuit_breaker).rollback
      && aws_ecs_service.this.health_check_grace_period_seconds >= 300 && aws_ecs_service.this.wait_for_steady_state
    )
    error_message = "A deploy interrupts the service, does not go back, or gives up during a migration"
  }

  assert {
    condition     = one(aws_lb_target_group.this.health_check).path == "/health" && one(aws_lb_target_group.this.health_check).matcher == "200"
    error_message = "The health check is not GET /health"
  }

  # Keep-alive gets longer from outside in: CloudFront 60 s, load balancer 75 s, server 95 s.
  assert {
    condition     = one(one(aws_cloudfront_distribution.this[0].origin).vpc_origin_config).origin_keepalive_timeout < aws_lb.this.idle_timeout && aws_lb.this.idle_timeout < 95
    error_message = "Somebody closes a connection that another one is about to use"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout > 60 && aws_lb_target_group.this.deregistration_delay == "60"
    error_message = "Requests in flight are not waited for"
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 1 && aws_appautoscaling_target.this.max_capacity == 3
    error_message = "Autoscaling keeps other limits"
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30 && length(aws_cloudwatch_metric_alarm.this) == 4 && length(aws_sns_topic.alarms) == 0
    error_message = "Logs are kept for ever, alarms are missing, or a topic is made for nobody"
  }

  # Least privilege: the secrets, one log group, one repository.
  assert {
    condition = toset(flatten([for s in data.aws_iam_policy_document.execution.statement : s.resources])) == toset([
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-1",
      "${aws_cloudwatch_log_group.this.arn}:*", "arn:aws:ecr:eu-west-1:123456789012:repository/team/mlflow", "*",
    ])
    error_message = "The execution role reaches more or less than it needs"
  }

  assert {
    condition     = alltrue([for s in data.aws_iam_policy_document.execution.statement : !contains(s.resources, "*") || toset(s.actions) == toset(["ecr:GetAuthorizationToken"])])
    error_message = "An action that knows resources is allowed for all of them"
  }
}

run "behind_a_certificate" {
  module {
    source = "./modules/service-ecs"
  }

  variables {
    certificate_arn  = "arn:aws:acm:eu-west-1:123456789012:certificate/abc"
    domain_name      = "mlflow.example.com"
    allowed_cidrs    = ["203.0.113.0/24", "198.51.100.0/24"]
    image            = "ghcr.io/example/mlflow@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    architecture     = "ARM64"
    assign_public_ip = false
    alarm_email      = "ops@example.com"
  }

  assert {
    condition     = !aws_lb.this.internal && aws_lb.this.subnets == toset(["subnet-a", "subnet-b"]) && length(aws_cloudfront_distribution.this) == 0 && length(aws_cloudfront_vpc_origin.this) == 0
    error_message = "With a certificate the load balancer faces the internet, and there is no CloudFront"
  }

  assert {
    condition     = aws_lb_listener.https[0].port == 443 && aws_lb_listener.https[0].certificate_arn == var.certificate_arn && aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "HTTPS is not served with the certificate, or by old versions of TLS"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].port == "443"
    error_message = "HTTP is not redirected"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.clients : "${rule.cidr_ipv4} ${rule.from_port}"]) == toset(["203.0.113.0/24 80", "203.0.113.0/24 443", "198.51.100.0/24 80", "198.51.100.0/24 443"]) && length(aws_vpc_security_group_ingress_rule.cloudfront) == 0
    error_message = "Others than allowed_cidrs reach the load balancer"
  }

  assert {
    condition     = output.url == "https://mlflow.example.com" && contains([for pair in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : "${pair.name}=${pair.value}"], "MLFLOW_ALLOWED_HOSTS=mlflow.example.com")
    error_message = "The address is not the certificate's name"
  }

  assert {
    condition     = contains([for pair in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : "${pair.name}=${pair.value}"], "MLFLOW_TRUSTED_PROXIES=1")
    error_message = "The gate does not believe the load balancer alone"
  }

  assert {
    condition     = alltrue([for s in data.aws_iam_policy_document.execution.statement : !anytrue([for action in s.actions : startswith(action, "ecr:")])])
    error_message = "An image from elsewhere needs no permission in ECR"
  }

  assert {
    condition     = one(aws_ecs_task_definition.this.runtime_platform).cpu_architecture == "ARM64" && !one(aws_ecs_service.this.network_configuration).assign_public_ip
    error_message = "The task is not as asked for"
  }

  assert {
    condition     = aws_sns_topic_subscription.alarms[0].endpoint == "ops@example.com" && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([aws_sns_topic.alarms[0].arn])])
    error_message = "Alarms reach nobody"
  }
}
