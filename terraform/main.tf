locals {
  # With environment "heroku" the service, its database and its network are elsewhere: only module.s3 has resources then, so that
  # apply with and without -target module.s3 is the same.
  heroku    = var.environment == "heroku"
  on_aws    = local.heroku ? 0 : 1
  ecs       = !local.heroku && var.compute == "ecs" ? 1 : 0
  apprunner = !local.heroku && var.compute == "apprunner" ? 1 : 0
  build     = !local.heroku && var.image == null ? 1 : 0

  prefix = "${var.name}-${var.environment}"

  image = local.build == 1 ? one(module.registry[*].image) : var.image

  # What the server reads, beside its secrets. psycopg hands PG* to libpq.
  environment_variables = local.heroku ? {} : merge({
    PORT                     = "8080"
    MLFLOW_HOST              = "0.0.0.0"
    MLFLOW_DATA_DIR          = "/tmp/mlflow-data"
    MLFLOW_ARTIFACT_URI      = "s3://${module.s3.bucket_id}"
    AWS_DEFAULT_REGION       = module.s3.bucket_region
    MLFLOW_TRACKING_USERNAME = var.mlflow_username
    MLFLOW_DB_DIALECT        = "postgresql"
    MLFLOW_DB_HOST           = one(module.database[*].endpoint)
    MLFLOW_DB_PORT           = "5432"
    MLFLOW_DB_USERNAME       = one(module.database[*].username)
    MLFLOW_DB_DATABASE       = one(module.database[*].database)
    # A paused database needs about 15 s to wake (30 s and more after a day), one that is restored or restarted some minutes.
    MLFLOW_DB_WAIT_SECONDS = "300"
    PGSSLMODE              = "verify-full"
    PGSSLROOTCERT          = var.db_ca_file
    PGCONNECT_TIMEOUT      = "60"
  }, var.service_environment)

  secrets = local.heroku ? {} : merge(var.service_secrets, {
    MLFLOW_TRACKING_PASSWORD = one(module.login[*].secret_arn)
    MLFLOW_SESSION_SECRET    = one(module.login[*].session_secret_arn)
    MLFLOW_DB_PASSWORD       = one(module.database[*].secret_arn)
  })

  # A task reads its secrets when it starts and never again: this makes a new task definition, and so new tasks, when one changes.
  secrets_version = local.heroku ? "" : "${one(module.login[*].version_id)}.${one(module.database[*].secret_version_id)}"
}

module "s3" {
  source = "./modules/s3"

  bucket_prefix = "${local.prefix}-"
  bucket_id     = var.artifact_bucket_id
  create_user   = local.heroku
  force_destroy = var.artifact_force_destroy
  version_days  = var.artifact_version_days
}

module "network" {
  source = "./modules/network"
  count  = local.on_aws

  name              = local.prefix
  region            = var.aws_region
  cidr              = var.vpc_cidr
  egress            = var.compute == "apprunner" ? "none" : var.egress
  vpc_id            = var.vpc_id
  subnet_ids        = var.subnet_ids
  public_subnet_ids = var.public_subnet_ids

  # CloudFront offers no VPC origins in these zones (CloudFront Developer Guide, "Restrict access with VPC origins").
  exclude_zone_ids = var.certificate_arn == null ? ["use1-az3", "usw1-az2", "apne1-az3", "apne2-az1", "cac1-az3"] : []
}

module "database" {
  source = "./modules/database"
  count  = local.on_aws

  name                     = local.prefix
  vpc_id                   = module.network[0].vpc_id
  subnet_ids               = module.network[0].database_subnet_ids
  client_security_group_id = module.network[0].service_security_group_id
  min_capacity             = var.db_min_capacity
  max_capacity             = var.db_max_capacity
  auto_pause_seconds       = var.db_auto_pause_seconds
  backup_days              = var.db_backup_days
  deletion_protection      = var.db_deletion_protection
  skip_final_snapshot      = var.db_skip_final_snapshot
  password_version         = var.db_password_version
  log_retention_days       = var.log_retention_days
}

module "login" {
  source = "./modules/login"
  count  = local.on_aws

  name             = local.prefix
  users            = length(split(",", replace(var.mlflow_username, "\\,", "")))
  password         = var.mlflow_password
  password_version = var.mlflow_password_version
  session_version  = var.mlflow_session_version
}

module "registry" {
  source = "./modules/registry"
  count  = local.build

  name         = local.prefix
  region       = var.aws_region
  source_dir   = abspath("${path.module}/..")
  image_tag    = var.image_tag
  architecture = var.service_architecture
}

module "service_ecs" {
  source = "./modules/service-ecs"
  count  = local.ecs

  name                  = local.prefix
  region                = var.aws_region
  image                 = local.image
  environment           = local.environment_variables
  secrets               = local.secrets
  secrets_version       = local.secrets_version
  artifact_policy_json  = module.s3.policy_json
  cpu                   = var.service_cpu
  memory                = var.service_memory
  architecture          = var.service_architecture
  min_count             = var.service_min_count
  max_count             = var.service_max_count
  vpc_id                = module.network[0].vpc_id
  subnet_ids            = module.network[0].service_subnet_ids
  security_group_id     = module.network[0].service_security_group_id
  assign_public_ip      = module.network[0].assign_public_ip
  internal_subnet_ids   = module.network[0].internal_subnet_ids
  public_subnet_ids     = module.network[0].public_subnet_ids
  certificate_arn       = var.certificate_arn
  domain_name           = var.domain_name
  allowed_cidrs         = var.allowed_cidrs
  database_cluster_id   = module.database[0].cluster_id
  log_retention_days    = var.log_retention_days
  alarm_email           = var.alarm_email
  wait_for_steady_state = var.wait_for_steady_state
}

module "service_apprunner" {
  source = "./modules/service-apprunner"
  count  = local.apprunner

  name                 = local.prefix
  image                = local.image
  private_image        = local.build == 1 || !startswith(coalesce(var.image, "none"), "public.ecr.aws/")
  environment          = local.environment_variables
  secrets              = local.secrets
  secrets_version      = local.secrets_version
  artifact_policy_json = module.s3.policy_json
  cpu                  = var.service_cpu
  memory               = var.service_memory
  min_count            = var.service_min_count
  max_count            = var.service_max_count
  security_group_id    = module.network[0].service_security_group_id
  subnet_ids           = module.network[0].database_subnet_ids
}
