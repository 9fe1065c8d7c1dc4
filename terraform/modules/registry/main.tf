locals {
  # What the image is made of. Tests, documents and this directory do not change it.
  sources = sort([
    for file in setunion(
      fileset(var.source_dir, "{bin,buildpack,certs,cmd,internal}/**"),
      fileset(var.source_dir, "{Dockerfile,.dockerignore,Procfile,go.mod,go.sum}"),
    ) : file if !endswith(file, "_test.go") && !strcontains(file, "/testdata/") && !strcontains(file, "/__pycache__/") && file != "bin/mlflow-server"
  ])
  source_hash = sha256(join("\n", [for file in local.sources : "${filesha256("${var.source_dir}/${file}")} ${file}"]))

  # With the architecture in it, a given tag as well: an image that is there already would be taken for one that these tasks can run.
  tag      = "${var.image_tag == null ? "src-${substr(local.source_hash, 0, 16)}" : var.image_tag}-${lower(var.architecture)}"
  image    = "${aws_ecr_repository.this.repository_url}:${local.tag}"
  platform = { X86_64 = "linux/amd64", ARM64 = "linux/arm64" }[var.architecture]
}

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:Encrypted with ECR's own key; the image holds no secret.
  name                 = var.name
  image_tag_mutability = "IMMUTABLE" # what runs under a tag is what was built under it
  force_delete         = true        # images can be built again

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What no tag names is left over from a push that was cut"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "The newest ten, to go back to"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      },
    ]
  })
}

# Builds and pushes when the tag is a new one, which it is whenever a source file changes.
resource "terraform_data" "image" {
  triggers_replace = [local.image, local.platform]

  provisioner "local-exec" {
    interpreter = ["/bin/sh"]
    command     = "${path.module}/build.sh"

    environment = {
      IMAGE      = local.image
      REPOSITORY = aws_ecr_repository.this.name
      TAG        = local.tag
      PLATFORM   = local.platform
      SOURCE_DIR = var.source_dir
      REGION     = var.region
    }
  }
}
