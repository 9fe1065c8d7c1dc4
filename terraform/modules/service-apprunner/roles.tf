data "aws_iam_policy_document" "assume" {
  for_each = { access = "build.apprunner.amazonaws.com", instance = "tasks.apprunner.amazonaws.com" }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }
  }
}

# What the server itself may do: its bucket; and its secrets, which App Runner reads with the same role.
resource "aws_iam_role" "instance" {
  name_prefix        = "${var.name}-task-"
  description        = "mlflow-server: its bucket and its secrets"
  assume_role_policy = data.aws_iam_policy_document.assume["instance"].json
}

data "aws_iam_policy_document" "instance" {
  source_policy_documents = [var.artifact_policy_json]

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7))]) # without the key of a secret in JSON
  }
}

resource "aws_iam_role_policy" "instance" {
  name   = "server"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.instance.json
}

# What App Runner does to start it: pull the image.
resource "aws_iam_role" "access" {
  count = var.private_image ? 1 : 0

  name_prefix        = "${var.name}-start-"
  description        = "mlflow-server: its image, for App Runner"
  assume_role_policy = data.aws_iam_policy_document.assume["access"].json
}

data "aws_iam_policy_document" "access" {
  count = var.private_image ? 1 : 0

  statement {
    sid = "Image"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:DescribeImages",
    ]
    resources = ["arn:aws:ecr:${local.ecr[0][1]}:${local.ecr[0][0]}:repository/${local.ecr[0][2]}"]
  }

  statement {
    #checkov:skip=CKV_AWS_356:This action knows no resources (Service Authorization Reference, Amazon ECR).
    sid       = "Registry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "access" {
  count = var.private_image ? 1 : 0

  name   = "start"
  role   = aws_iam_role.access[0].id
  policy = data.aws_iam_policy_document.access[0].json
}
