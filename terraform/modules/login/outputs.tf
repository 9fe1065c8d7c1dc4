output "secret_arn" {
  description = "Secret that holds the passwords, as plain text."
  value       = aws_secretsmanager_secret.this.arn
}

output "session_secret_arn" {
  description = "Secret that holds what sessions are signed with, as plain text."
  value       = aws_secretsmanager_secret.session.arn
}

output "version_id" {
  description = "Changes whenever a password or the session secret does."
  value       = "${terraform_data.password.id}.${terraform_data.session.id}"
  depends_on  = [aws_secretsmanager_secret_version.this, aws_secretsmanager_secret_version.session]

  precondition {
    condition     = !local.generate || terraform_data.users.output == var.users
    error_message = "mlflow_username does not name as many users as passwords were generated: raise mlflow_password_version, which makes a new one for everybody, or give mlflow_password."
  }
}
