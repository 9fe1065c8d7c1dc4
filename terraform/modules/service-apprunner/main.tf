locals {
  # 123456789012.dkr.ecr.eu-west-1.amazonaws.com/repository:tag
  ecr = regexall("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com/([^:@]+)", var.image)

  environment = merge(
    # App Runner sets PORT itself, to image_configuration's port, and takes one value for a name.
    { for name, value in var.environment : name => value if name != "PORT" && !contains(keys(var.secrets), name) },
    # Its proxy calls from link-local addresses. MLFLOW_FORCE_HTTPS is left alone: App Runner has no port for http, and nothing
    # promises that its X-Forwarded-Proto says https; if it did not, every request would be sent round in a circle.
    { MLFLOW_TRUSTED_PROXIES = "169.254.0.0/16" },
    # App Runner reads secrets at each deployment only, and another variable is another deployment.
    { SECRETS_VERSION = var.secrets_version },
  )
}

resource "aws_apprunner_vpc_connector" "this" {
  vpc_connector_name = var.name
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  lifecycle {
    create_before_destroy = true # App Runner deletes none that a service uses
  }
}

resource "aws_apprunner_auto_scaling_configuration_version" "this" {
  auto_scaling_configuration_name = var.name
  min_size                        = var.min_count
  max_size                        = var.max_count
  max_concurrency                 = 100

  # It cannot be changed, only replaced, and App Runner deletes none that a service uses. Another of the same name is its next revision.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apprunner_service" "this" {
  service_name                   = var.name
  auto_scaling_configuration_arn = aws_apprunner_auto_scaling_configuration_version.this.arn

  source_configuration {
    auto_deployments_enabled = false

    dynamic "authentication_configuration" {
      for_each = var.private_image ? [1] : []
      content {
        access_role_arn = aws_iam_role.access[0].arn
      }
    }

    image_repository {
      image_identifier      = var.image
      image_repository_type = var.private_image ? "ECR" : "ECR_PUBLIC"

      image_configuration {
        port                          = "8080"
        runtime_environment_variables = local.environment
        runtime_environment_secrets   = var.secrets
      }
    }
  }

  instance_configuration {
    cpu               = var.cpu
    memory            = var.memory
    instance_role_arn = aws_iam_role.instance.arn
  }

  health_check_configuration {
    protocol            = "HTTP"
    path                = "/health"
    interval            = 20
    timeout             = 5
    healthy_threshold   = 1
    unhealthy_threshold = 20 # App Runner has no grace period: 400 s for a migration and a database that wakes
  }

  network_configuration {
    ingress_configuration {
      is_publicly_accessible = true
    }

    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.this.arn
    }
  }

  depends_on = [aws_iam_role_policy.access, aws_iam_role_policy.instance]
}
