output "secret_arn" {
  description = "Secret that holds the passwords, as plain text."
  value       = aws_secretsmanager_secret.this.arn
}

output "version_id" {
  description = "Changes whenever a password does."
  value       = terraform_data.password.id
  depends_on  = [aws_secretsmanager_secret_version.this]
}
