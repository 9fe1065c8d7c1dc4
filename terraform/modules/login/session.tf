# What sessions are signed with. Without it every task makes its own: whoever signed in at one would be a stranger to the next, which
# is a second task, and the new ones of every deploy.
resource "terraform_data" "session" {
  triggers_replace = var.session_version
}

ephemeral "aws_secretsmanager_random_password" "session" {
  password_length     = 64 # the server asks for 32 at least
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "session" {
  #checkov:skip=CKV_AWS_149:Encrypted with the account's own key for Secrets Manager, which costs nothing.
  #checkov:skip=CKV2_AWS_57:A new one signs everybody out, so it is new when somebody wants that.
  name_prefix             = "${var.name}-session-"
  description             = "What mlflow-server signs sessions with"
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "session" {
  secret_id                = aws_secretsmanager_secret.session.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.session.random_password
  secret_string_wo_version = parseint(substr(terraform_data.session.id, 0, 7), 16)
}
