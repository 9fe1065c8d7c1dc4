output "image" {
  description = "The image, once it is there."
  value       = local.image
  depends_on  = [terraform_data.image]
}

output "repository_arn" {
  description = "ARN of the repository."
  value       = aws_ecr_repository.this.arn
}
