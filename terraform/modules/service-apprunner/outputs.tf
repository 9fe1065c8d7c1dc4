output "url" {
  description = "Address of the service."
  value       = "https://${aws_apprunner_service.this.service_url}"
}

output "status" {
  description = "What App Runner says: RUNNING, OPERATION_IN_PROGRESS, CREATE_FAILED and so on."
  value       = aws_apprunner_service.this.status
}
