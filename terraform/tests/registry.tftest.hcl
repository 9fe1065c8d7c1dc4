# What the image's tag depends on. Nothing is built: these are plans.
mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlflow-test" }
  }
}

variables {
  name       = "mlflow-test"
  region     = "eu-west-1"
  source_dir = ".." # this repository
}

run "a_tag_from_the_source" {
  command = plan

  module {
    source = "./modules/registry"
  }

  assert {
    condition     = can(regex("^123456789012\\.dkr\\.ecr\\.eu-west-1\\.amazonaws\\.com/mlflow-test:src-[0-9a-f]{16}-x86_64$", output.image))
    error_message = "The tag is not made from the source's hash and the architecture"
  }

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "Images can be overwritten, or are not scanned"
  }

  assert {
    condition     = length(jsondecode(aws_ecr_lifecycle_policy.this.policy).rules) == 2
    error_message = "Old images are kept for ever"
  }
}

run "a_tag_of_ones_own" {
  command = plan

  module {
    source = "./modules/registry"
  }

  variables {
    image_tag    = "1.0.0"
    architecture = "ARM64"
  }

  assert {
    condition     = output.image == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlflow-test:1.0.0-arm64"
    error_message = "The given tag is not used, or is one that an image for another architecture may have"
  }

  assert {
    condition     = terraform_data.image.triggers_replace[1] == "linux/arm64"
    error_message = "The image is built for another architecture than the tasks'"
  }
}
