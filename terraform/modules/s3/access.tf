# What the server does with its bucket, and nothing more: the policy of Heroku's user and of the tasks on AWS. It may not delete
# versions: who gets hold of the keys cannot delete anything for good.
data "aws_iam_policy_document" "artifacts" {
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arn]
  }

  # "mlflow-server doctor" looks whether deletions can be undone and nobody else can read; nothing else needs these two.
  statement {
    sid       = "Look"
    actions   = ["s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock"]
    resources = [local.bucket_arn]
  }

  # PutObject covers the parts of a multipart upload and its completion as well.
  statement {
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${local.bucket_arn}/*"]
  }
}

resource "aws_iam_user" "this" {
  #checkov:skip=CKV_AWS_273:Heroku cannot assume a role: it knows access keys only.
  count = var.create_user ? 1 : 0

  # A bucket's name is unique, so is the user's then: several apps of one account do not collide.
  name = local.bucket_id
  path = "/mlflow-server/"
}

resource "aws_iam_user_policy" "this" {
  #checkov:skip=CKV_AWS_40:A group for one user would be a detour.
  count = var.create_user ? 1 : 0

  name   = "artifacts"
  user   = aws_iam_user.this[0].name
  policy = data.aws_iam_policy_document.artifacts.json
}

resource "aws_iam_access_key" "this" {
  count = var.create_user ? 1 : 0
  user  = aws_iam_user.this[0].name
}
