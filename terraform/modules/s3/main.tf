locals {
  create = var.bucket_id == null ? 1 : 0

  bucket_id     = local.create == 1 ? one(aws_s3_bucket.this[*].id) : one(data.aws_s3_bucket.given[*].id)
  bucket_arn    = local.create == 1 ? one(aws_s3_bucket.this[*].arn) : one(data.aws_s3_bucket.given[*].arn)
  bucket_region = local.create == 1 ? one(aws_s3_bucket.this[*].region) : one(data.aws_s3_bucket.given[*].region)
}

data "aws_s3_bucket" "given" {
  count  = 1 - local.create
  bucket = var.bucket_id
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:A second bucket in another region doubles the cost; versioning guards against mistakes.
  #checkov:skip=CKV_AWS_145:Encrypted with S3's own keys: a KMS key costs money and calls, and would need a grant for Heroku's user.
  #checkov:skip=CKV_AWS_18:Only the server's one identity uses the bucket, and the server logs every request itself.
  #checkov:skip=CKV2_AWS_62:Nothing waits for events of this bucket.
  count = local.create

  bucket_prefix = var.bucket_prefix
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id

  # Parts of an upload that was cut are invisible and cost as much as objects.
  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "forget-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  count  = local.create
  bucket = aws_s3_bucket.this[0].id
  policy = data.aws_iam_policy_document.tls_only[0].json

  # S3 refuses both at once ("A conflicting conditional operation is currently in progress").
  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "tls_only" {
  count = local.create

  statement {
    sid       = "TLSOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "RecentTLSOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}
