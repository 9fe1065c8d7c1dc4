locals {
  generate = nonsensitive(var.password == null)
}

# New with each new password. Given passwords are in the state in any case, as the root's output mlflow_password; generated ones never.
resource "terraform_data" "password" {
  triggers_replace = [var.password, local.generate ? var.password_version : null]
}

# How many passwords were generated.
resource "terraform_data" "users" {
  input            = var.users
  triggers_replace = terraform_data.password.id

  lifecycle {
    ignore_changes = [input]
  }
}

ephemeral "aws_secretsmanager_random_password" "this" {
  count = local.generate ? var.users : 0

  password_length     = 24
  exclude_punctuation = true # a comma would be the end of one
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149:Encrypted with the account's own key for Secrets Manager, which costs nothing.
  #checkov:skip=CKV2_AWS_57:These are people's passwords: they change when somebody wants them to.
  name_prefix             = "${var.name}-login-"
  description             = "Passwords of the users of mlflow-server, separated by commas"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id
  secret_string_wo = (
    local.generate ? join(",", ephemeral.aws_secretsmanager_random_password.this[*].random_password) : var.password
  )
  secret_string_wo_version = parseint(substr(terraform_data.password.id, 0, 7), 16)
}
