locals {
  port = 8080

  # How long a task may take until it answers /health: a database that wakes (30 s and more), the start of MLflow (up to a minute on half
  # a CPU), and the migration of a database that has grown. Until then the load balancer's verdict does not count.
  grace_seconds = 600

  # Hosts and proxies for the gate. Each proxy adds the address it was called from to X-Forwarded-For, so that the client is the second
  # from the end behind CloudFront (whose addresses are not the subnets'), and the last behind the load balancer alone. A number is
  # safe only where nobody gets past the proxies: the tasks' group admits the load balancer alone, and an internal load balancer is
  # reached by CloudFront's VPC origins of this account alone.
  host = var.certificate_arn == null ? one(aws_cloudfront_distribution.this[*].domain_name) : var.domain_name
  gate = {
    MLFLOW_ALLOWED_HOSTS   = local.host
    MLFLOW_TRUSTED_PROXIES = local.internal ? "2" : "1"
    MLFLOW_FORCE_HTTPS     = "true"
    MLFLOW_DRAIN_SECONDS   = "60"
  }

  # A name has one value: ECS refuses it as a variable and as a secret. ECS gives lists back sorted by name, and in another order every
  # plan would show a change; a map is sorted as well.
  environment = { for name, value in merge(local.gate, var.environment) : name => value if !contains(keys(var.secrets), name) }
}

resource "aws_ecs_cluster" "this" {
  #checkov:skip=CKV_AWS_65:Container Insights bills every metric; the alarms use those that are free.
  name = var.name
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; a KMS key costs a dollar a month and guards nothing more here.
  #checkov:skip=CKV_AWS_338:How long to keep logs is log_retention_days; a year of them is not everybody's wish.
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_task_definition" "this" {
  #checkov:skip=CKV_AWS_336:MLflow spools to /tmp, and Fargate mounts volumes for root only; the process is not root and the disk lives as long as the task.
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  # Terraform would withdraw the old one before the new tasks run, and ECS starts no task of a definition that is withdrawn: a deploy
  # that fails could not go back. ECS keeps definitions for ever in any case; they cost nothing.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  container_definitions = jsonencode([{
    name      = "mlflow-server"
    image     = var.image
    essential = true

    # The task's memory limits the task as a whole, and what a container sees is the machine, which is larger. Only its own limit is in its
    # cgroup, where the server reads how many workers fit and what one may grow to. There is no other container to leave room for.
    memory = var.memory

    portMappings = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]

    environment = [for name, value in local.environment : { name = name, value = value }]
    secrets     = [for name, arn in var.secrets : { name = name, valueFrom = arn }]

    # ECS reads secrets when a task starts and never again: another label is another task.
    dockerLabels = { "mlflow-server.secrets" = var.secrets_version }

    linuxParameters = { capabilities = { drop = ["ALL"] } }
    stopTimeout     = 90 # longer than MLFLOW_DRAIN_SECONDS; Fargate allows 120

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.this.name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "mlflow-server"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  #checkov:skip=CKV_AWS_333:A public address is one of the ways out (egress = "public_ip"); the security group lets nothing in by it.
  name            = var.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"
  desired_count   = var.min_count
  propagate_tags  = "SERVICE"

  # New tasks are healthy before old ones go; a deploy that fails goes back by itself.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = local.grace_seconds
  wait_for_steady_state              = var.wait_for_steady_state

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = var.assign_public_ip
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "mlflow-server"
    container_port   = local.port
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's

    # A service that has gone back to its old tasks is steady as well, so that waiting for that says nothing.
    postcondition {
      condition     = self.task_definition == aws_ecs_task_definition.this.arn
      error_message = "The new tasks did not become healthy, and ECS has gone back to the old ones (${self.task_definition}). The service's events and the log say why: aws ecs describe-services --cluster ${var.name} --services ${var.name}, aws logs tail ${aws_cloudwatch_log_group.this.name} --since 1h."
    }
  }

  timeouts {
    create = "30m"
    update = "30m"
  }

  # Without the policies the first tasks fail, without a listener ECS refuses the target group.
  depends_on = [
    aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_lb_listener.http, aws_lb_listener.https,
    aws_vpc_security_group_ingress_rule.service, aws_vpc_security_group_egress_rule.load_balancer,
  ]
}
