output "endpoint" {
  description = "Host of the database, which answers once its instance is there."
  value       = aws_rds_cluster.this.endpoint
  depends_on = [
    aws_rds_cluster_instance.this, aws_vpc_security_group_ingress_rule.clients, aws_vpc_security_group_egress_rule.clients,
  ]
}

output "cluster_id" {
  description = "Identifier of the cluster."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "username" {
  description = "The user."
  value       = local.username
}

output "database" {
  description = "Name of the database."
  value       = local.database
}

output "secret_arn" {
  description = "Secret that holds the password, as plain text."
  value       = aws_secretsmanager_secret.this.arn
}

output "secret_version_id" {
  description = "Changes whenever the password does."
  value       = terraform_data.password.id
  depends_on  = [aws_secretsmanager_secret_version.this]
}
