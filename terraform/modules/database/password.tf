# The password is our own secret: the one that RDS can manage is changed every 7 days by default, while ECS reads secrets only when a
# task starts. It is made by AWS and passed on in write-only arguments: it is in no state and no plan.
resource "terraform_data" "password" {
  triggers_replace = var.password_version
}

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = 40
  exclude_punctuation = true # RDS refuses / @ " and spaces
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149:Encrypted with the account's own key for Secrets Manager, which costs nothing.
  #checkov:skip=CKV2_AWS_57:Rotation by itself would leave running tasks with the old password; password_version rotates it with them.
  name_prefix             = "${var.name}-database-"
  description             = "Password of the database's user ${local.username}"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id        = aws_secretsmanager_secret.this.id
  secret_string_wo = ephemeral.aws_secretsmanager_random_password.this.random_password
  # Any number that is new with each new password.
  secret_string_wo_version = parseint(substr(terraform_data.password.id, 0, 7), 16)
}

# Read back, not handed on: when one of the two writes fails, the next apply still gives the database what is in the secret.
# By the version's ARN, which is the secret's, but known only when there is a version: else a first apply that stops between the
# two could not be planned again.
ephemeral "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret_version.this.arn
}
