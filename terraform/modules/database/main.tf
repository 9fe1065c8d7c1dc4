locals {
  engine   = "aurora-postgresql"
  major    = "17"
  username = "mlflow"
  database = "mlflow"

  # The final snapshot's name must be new at each destroy, and the log group's known before the cluster is.
  suffix     = substr(terraform_data.identity.id, 0, 8)
  identifier = "${var.name}-${local.suffix}"
}

# Survives everything but a destroy.
resource "terraform_data" "identity" {}

resource "aws_db_subnet_group" "this" {
  name_prefix = "${var.name}-"
  description = "mlflow-server"
  subnet_ids  = var.subnet_ids
}

resource "aws_rds_cluster_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "${local.engine}${local.major}"
  description = "mlflow-server: TLS only"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # What changes the schema, and what takes longer than a second.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Aurora would make it itself, and keep everything for ever.
resource "aws_cloudwatch_log_group" "postgresql" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; a KMS key costs a dollar a month and guards nothing more here.
  #checkov:skip=CKV_AWS_338:How long to keep logs is log_retention_days; a year of them is not everybody's wish.
  name              = "/aws/rds/cluster/${local.identifier}/postgresql"
  retention_in_days = var.log_retention_days
}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV_AWS_327:Encrypted with the account's own key for RDS (aws/rds), which costs nothing.
  #checkov:skip=CKV_AWS_162:IAM logins last 15 minutes and SQLAlchemy has no place for them; the password is in Secrets Manager only.
  #checkov:skip=CKV2_AWS_8:Aurora's own backups allow any moment to be restored.
  cluster_identifier = local.identifier

  engine         = local.engine
  engine_mode    = "provisioned" # what Serverless v2 is called in the API
  engine_version = local.major   # the minor version is AWS's default, and its upgrades come in the maintenance window

  database_name              = local.database
  master_username            = local.username
  master_password_wo         = ephemeral.aws_secretsmanager_secret_version.this.secret_string
  master_password_wo_version = aws_secretsmanager_secret_version.this.secret_string_wo_version

  db_subnet_group_name            = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]

  storage_encrypted         = true
  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${local.identifier}-final"

  enabled_cloudwatch_logs_exports = ["postgresql"]
  apply_immediately               = true

  serverlessv2_scaling_configuration {
    min_capacity             = var.min_capacity
    max_capacity             = var.max_capacity
    seconds_until_auto_pause = var.min_capacity == 0 ? var.auto_pause_seconds : null
  }

  depends_on = [aws_cloudwatch_log_group.postgresql]
}

resource "aws_rds_cluster_instance" "this" {
  #checkov:skip=CKV_AWS_118:Enhanced monitoring keeps a connection and so the database awake; CloudWatch's metrics are enough.
  #checkov:skip=CKV_AWS_353:Performance Insights counts for its own with capacity, and is not kept while the database is paused.
  #checkov:skip=CKV_AWS_354:See CKV_AWS_353.
  identifier         = "${local.identifier}-1"
  cluster_identifier = aws_rds_cluster.this.id
  engine             = aws_rds_cluster.this.engine
  engine_version     = aws_rds_cluster.this.engine_version
  instance_class     = "db.serverless"

  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
  apply_immediately          = true
}
