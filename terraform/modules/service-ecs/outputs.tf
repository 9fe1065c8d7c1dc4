output "url" {
  description = "Address of the service."
  value       = "https://${local.host}"
  depends_on  = [aws_ecs_service.this]
}

output "status" {
  description = "RUNNING when apply has waited for healthy tasks, DEPLOYING when it has not, ROLLED_BACK when the service runs another task definition than it should."
  value = (
    aws_ecs_service.this.task_definition != aws_ecs_task_definition.this.arn ? "ROLLED_BACK" : var.wait_for_steady_state ? "RUNNING" : "DEPLOYING"
  )
}

output "load_balancer_dns_name" {
  description = "Host name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "cluster_name" {
  description = "The cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "The service."
  value       = aws_ecs_service.this.name
}

output "log_group_name" {
  description = "The log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "task_role_arn" {
  description = "Role of the server itself."
  value       = aws_iam_role.task.arn
}
