terraform {
  # 1.11 is the first with write-only arguments, which keep generated passwords out of the state.
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = merge({
      Application = var.name
      Environment = var.environment
      ManagedBy   = "terraform"
    }, var.tags)
  }
}
