data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    # Only for tasks of this account (the confused deputy).
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_caller_identity" "this" {}

# What the server itself may do: its bucket.
resource "aws_iam_role" "task" {
  name_prefix        = "${var.name}-task-"
  description        = "mlflow-server: its bucket"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "task" {
  name   = "artifacts"
  role   = aws_iam_role.task.id
  policy = var.artifact_policy_json
}

# What ECS does to start it: its image, its secrets, its log.
resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-start-"
  description        = "mlflow-server: image, secrets and log, for ECS"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

locals {
  # 123456789012.dkr.ecr.eu-west-1.amazonaws.com/repository:tag or @digest; images elsewhere need no permission.
  ecr = regexall("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com/([^:@]+)", var.image)
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7))]) # without the key of a secret in JSON
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = local.ecr
    content {
      sid       = "Image"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
      resources = ["arn:aws:ecr:${statement.value[1]}:${statement.value[0]}:repository/${statement.value[2]}"]
    }
  }

  dynamic "statement" {
    for_each = local.ecr
    content {
      #checkov:skip=CKV_AWS_356:This action knows no resources (Service Authorization Reference, Amazon ECR).
      sid       = "Registry"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}
