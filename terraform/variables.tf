# --- What it is called and where it lives

variable "name" {
  description = "Name of the deployment; every resource's name begins with it. Example: \"mlflow\"."
  type        = string
  default     = "mlflow"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 16
    error_message = "name must be 2 to 16 lower-case letters, digits and single hyphens, begin with a letter and not end with a hyphen: load balancers and buckets allow no more. Try \"mlflow\"."
  }
}

variable "environment" {
  description = "\"heroku\" makes only the bucket and the user for a Heroku app; any other name (\"dev\", \"prod\") makes the whole stack on AWS."
  type        = string
  default     = "prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*$", var.environment)) && length(var.environment) <= 12
    error_message = "environment must be 1 to 12 lower-case letters and digits and begin with a letter, such as \"prod\"; \"heroku\" makes only the bucket and the user."
  }
}

variable "aws_region" {
  description = "Region of everything. Example: \"eu-west-1\"."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must be the name of a region, such as \"eu-west-1\" (not of a zone, such as \"eu-west-1a\")."
  }
}

variable "tags" {
  description = "Tags for every resource, besides Application, Environment and ManagedBy. Example: { Team = \"research\" }."
  type        = map(string)
  default     = {}
}

# --- Who may sign in

variable "mlflow_username" {
  description = "User names, separated by commas (\\, is a comma). Example: \"ada,grace\"."
  type        = string
  default     = "mlflow"

  validation {
    condition     = alltrue([for name in split(",", replace(var.mlflow_username, "\\,", "")) : name != ""])
    error_message = "mlflow_username holds an empty name: remove the comma that is too many."
  }

  validation {
    condition     = !strcontains(var.mlflow_username, ":")
    error_message = "mlflow_username holds a colon, which HTTP Basic does not allow in a user's name: choose another name."
  }

  validation {
    condition     = length(distinct(split(",", replace(var.mlflow_username, "\\,", "\n")))) == length(split(",", replace(var.mlflow_username, "\\,", "\n")))
    error_message = "mlflow_username names a user twice: every user has one name and one password."
  }
}

variable "mlflow_password" {
  description = "Their passwords in the same order, plain or bcrypt hashes (\\, is a comma). null: one is generated for each user, into AWS Secrets Manager only."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition = var.mlflow_password == null ? true : (
      length(split(",", replace(var.mlflow_password, "\\,", "\n"))) == length(split(",", replace(var.mlflow_username, "\\,", "\n")))
    )
    error_message = "mlflow_password and mlflow_username are lists of different lengths: give one password for each user, separated by commas; a comma inside one is written \\, ."
  }

  validation {
    condition = var.mlflow_password == null ? true : alltrue([
      for password in split(",", replace(var.mlflow_password, "\\,", "\n")) : length(password) >= 12
    ])
    error_message = "mlflow_password holds a password of fewer than 12 characters, too short for a service on the internet: make it longer, or leave mlflow_password out and have one generated."
  }
}

variable "mlflow_password_version" {
  description = "Raise it to have generated passwords made anew, as another number of users needs. Given passwords are renewed by giving others."
  type        = number
  default     = 1
}

variable "mlflow_session_version" {
  description = "Raise it to sign everybody out: browsers then ask for the password again."
  type        = number
  default     = 1
}

# --- The network

variable "vpc_id" {
  description = "VPC to use; null makes one. With it goes subnet_ids. Example: \"vpc-0123456789abcdef0\"."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null ? true : can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, such as \"vpc-0123456789abcdef0\"."
  }
}

variable "subnet_ids" {
  description = "Subnets of vpc_id, in two zones at least, for the tasks, the database and the load balancer."
  type        = list(string)
  default     = []

  validation {
    condition     = var.vpc_id == null || length(var.subnet_ids) > 0
    error_message = "vpc_id is given without subnet_ids: name at least two subnets of that VPC, in two zones, for the tasks and the database."
  }

  validation {
    condition     = length(var.subnet_ids) == 0 || var.vpc_id != null
    error_message = "subnet_ids is given without vpc_id: name the VPC that these subnets belong to, or leave out both and have a network made."
  }

  validation {
    condition     = length(var.subnet_ids) == 0 || length(distinct(var.subnet_ids)) >= 2
    error_message = "subnet_ids must name at least two different subnets, in two zones: Aurora and the load balancer need them."
  }
}

variable "public_subnet_ids" {
  description = "Public subnets of vpc_id for the load balancer when it is the one that faces the internet (certificate_arn); empty: subnet_ids."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.public_subnet_ids) == 0 || (var.vpc_id != null && length(distinct(var.public_subnet_ids)) >= 2)
    error_message = "public_subnet_ids must name at least two subnets, in two zones, and goes with vpc_id: without it the public subnets are made."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the VPC that is made: a /16 to /20. Change it when it is to be peered with another that uses them."
  type        = string
  default     = "10.60.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "vpc_cidr must be an IPv4 range from /16 to /20, such as \"10.60.0.0/16\": it is cut into sixteen subnets."
  }
}

variable "egress" {
  description = <<-EOT
    How the tasks reach ECR, CloudWatch Logs and Secrets Manager (S3 always goes through a gateway endpoint, which is free).
    "public_ip": a public address for each task, nothing may come in by it (about 3.65 USD a month for each task).
    "nat": tasks in private subnets behind one NAT gateway (about 37 USD, and 0.045 USD a GB).
    "endpoints": tasks in private subnets without internet, behind four interface endpoints in two zones (about 58 USD).
    With vpc_id nothing is made: "public_ip" says that subnet_ids are public, the others that they have a way out already; their routes are checked.
  EOT
  type        = string
  default     = "public_ip"

  validation {
    condition     = contains(["public_ip", "nat", "endpoints"], var.egress)
    error_message = "egress must be \"public_ip\", \"nat\" or \"endpoints\"."
  }
}

# --- The name in the browser

variable "certificate_arn" {
  description = "Certificate (ACM, in aws_region) for domain_name: HTTPS on the load balancer. null: HTTPS on a name of CloudFront's, and the load balancer is internal."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:aws[a-z-]*:acm:${var.aws_region}:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate of ACM in aws_region (${var.aws_region}): load balancers use no other region's."
  }

  validation {
    condition     = (var.certificate_arn == null) == (var.domain_name == null)
    error_message = "certificate_arn and domain_name go together: give both to serve your own name, or neither for one of CloudFront's."
  }
}

variable "domain_name" {
  description = "Name that certificate_arn is for and that you point at the load balancer (output load_balancer_dns_name). Example: \"mlflow.example.com\"."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a host name without scheme and path, such as \"mlflow.example.com\"."
  }
}

variable "allowed_cidrs" {
  description = "Who reaches the load balancer that serves your own name (certificate_arn). CloudFront's name is open to all; the login guards both."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition = length(var.allowed_cidrs) > 0 && length(distinct(var.allowed_cidrs)) == length(var.allowed_cidrs) && alltrue([
      for cidr in var.allowed_cidrs : try(cidrhost(cidr, 0) == split("/", cidr)[0] && !strcontains(cidr, ":"), false)
    ])
    error_message = "allowed_cidrs must hold at least one range of IPv4 addresses, such as \"203.0.113.0/24\", from its first address, each once."
  }

  validation {
    condition     = var.certificate_arn != null || var.allowed_cidrs == tolist(["0.0.0.0/0"])
    error_message = "allowed_cidrs restricts the load balancer of your own name only: give certificate_arn and domain_name too. CloudFront's and App Runner's names are open to all."
  }
}

# --- The service

variable "compute" {
  description = "\"ecs\" (Fargate), or \"apprunner\" for accounts that have it: App Runner has been closed to new customers since 30 April 2026."
  type        = string
  default     = "ecs"

  validation {
    condition     = contains(["ecs", "apprunner"], var.compute)
    error_message = "compute must be \"ecs\" or \"apprunner\"."
  }

  validation {
    condition = var.compute != "apprunner" || contains([
      "us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
      "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3",
    ], var.aws_region)
    error_message = "There is no App Runner in ${var.aws_region}: use compute = \"ecs\", or a region that has it, such as us-east-1 or eu-west-1."
  }

  validation {
    condition     = var.compute != "apprunner" || var.certificate_arn == null
    error_message = "App Runner serves its own name and manages certificates itself: leave out certificate_arn and domain_name, or use compute = \"ecs\"."
  }
}

variable "service_cpu" {
  description = "CPU units of a task: 256, 512, 1024, 2048, 4096 (1024 are one vCPU)."
  type        = number
  default     = 512

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.service_cpu)
    error_message = "service_cpu must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "service_memory" {
  description = "Memory of a task in MiB. Two workers of MLflow need about 300 MiB."
  type        = number
  default     = 1024

  # Fargate's table (AmazonECS task size) and App Runner's (Compute and memory), which allows less.
  validation {
    condition = contains(var.compute == "apprunner" ? lookup({
      256  = [512, 1024]
      512  = [1024]
      1024 = [2048, 3072, 4096]
      2048 = [4096, 6144]
      4096 = [8192, 10240, 12288]
      }, var.service_cpu, []) : lookup({
      256  = [512, 1024, 2048]
      512  = range(1024, 4097, 1024)
      1024 = range(2048, 8193, 1024)
      2048 = range(4096, 16385, 1024)
      4096 = range(8192, 30721, 1024)
    }, var.service_cpu, []), var.service_memory)
    error_message = "service_memory = ${var.service_memory} does not go with service_cpu = ${var.service_cpu} on ${var.compute}. Pairs that do: 256 and 512, 512 and 1024, 1024 and 2048, 2048 and 4096, 4096 and 8192."
  }
}

variable "service_architecture" {
  description = "\"X86_64\" or \"ARM64\" (a fifth cheaper; build the image on such a machine, or it takes long). App Runner has only X86_64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.service_architecture)
    error_message = "service_architecture must be \"X86_64\" or \"ARM64\"."
  }

  validation {
    condition     = var.service_architecture == "X86_64" || var.compute == "ecs"
    error_message = "App Runner runs only X86_64 images: leave out service_architecture, or use compute = \"ecs\"."
  }
}

variable "service_min_count" {
  description = "Tasks that always run."
  type        = number
  default     = 1

  validation {
    condition     = var.service_min_count >= 1 && floor(var.service_min_count) == var.service_min_count
    error_message = "service_min_count must be a whole number of at least 1."
  }
}

variable "service_max_count" {
  description = "Tasks that run at most, when the CPU is busy."
  type        = number
  default     = 3

  validation {
    condition     = var.service_max_count >= var.service_min_count && var.service_max_count <= 25 && floor(var.service_max_count) == var.service_max_count
    error_message = "service_max_count must be a whole number from service_min_count (${var.service_min_count}) to 25."
  }
}

variable "service_environment" {
  description = "More environment variables of the server. No secrets, which can be read in the console (they go into service_secrets). Example: { WEB_CONCURRENCY = \"4\" }."
  type        = map(string)
  default     = {}

  # Every variable that is secret (internal/config/variables.go), and the port that the load balancer calls.
  validation {
    condition = length(setintersection(keys(var.service_environment), [
      "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TOKENS", "MLFLOW_SESSION_SECRET", "AWS_SECRET_ACCESS_KEY", "BUCKETEER_AWS_SECRET_ACCESS_KEY",
      "CLOUDCUBE_SECRET_ACCESS_KEY", "MLFLOW_BACKEND_URI", "DATABASE_URL", "MLFLOW_DB_PASSWORD", "PORT",
    ])) == 0
    error_message = "service_environment must not hold secrets (passwords, MLFLOW_TOKENS, MLFLOW_SESSION_SECRET, secret keys, MLFLOW_BACKEND_URI, DATABASE_URL), which everybody with a look at the console could read, nor PORT: put a secret into Secrets Manager and its ARN into service_secrets."
  }
}

variable "service_secrets" {
  description = "More environment variables of the server that are secret: name to ARN of a secret in Secrets Manager (with :KEY:: behind it for one key of a secret in JSON). Tasks read them when they start. Example: { MLFLOW_TOKENS = \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:tokens-AbCdEf\" }."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for arn in values(var.service_secrets) : can(regex("^arn:aws[a-z-]*:secretsmanager:${var.aws_region}:[0-9]{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?$", arn))
    ])
    error_message = "service_secrets must hold ARNs of secrets of Secrets Manager in aws_region (${var.aws_region}), such as \"arn:aws:secretsmanager:${var.aws_region}:123456789012:secret:tokens-AbCdEf\", never the secrets themselves."
  }

  validation {
    condition = length(setintersection(keys(var.service_secrets), concat(keys(var.service_environment), [
      "MLFLOW_TRACKING_PASSWORD", "MLFLOW_SESSION_SECRET", "MLFLOW_DB_PASSWORD", "MLFLOW_BACKEND_URI", "DATABASE_URL", "PORT",
    ]))) == 0
    error_message = "service_secrets must not name what this configuration sets itself (passwords, MLFLOW_SESSION_SECRET, the database, PORT) nor what service_environment holds: ECS takes one value for a name."
  }
}

variable "wait_for_steady_state" {
  description = "Whether apply waits until the new tasks are healthy and the old ones are gone."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 or some years."
  }
}

variable "alarm_email" {
  description = "Address that alarms are sent to (it gets a mail to confirm); null: alarms are only shown in CloudWatch."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email must be a mail address, such as \"ops@example.com\"."
  }
}

# --- The image

variable "image" {
  description = "Image to run, for example \"123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlflow:1.0.0\". null: it is built from this repository and pushed, for which docker and the aws command are needed."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : can(regex("^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:[A-Za-z0-9_.-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must name registry, repository and tag (or digest), such as \"123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlflow:1.0.0\"."
  }

  validation {
    condition     = var.image == null || var.compute != "apprunner" ? true : can(regex("^([0-9]{12}\\.dkr\\.ecr\\.|public\\.ecr\\.aws/)", var.image))
    error_message = "App Runner runs only images from ECR: push the image to a repository there, or use compute = \"ecs\"."
  }
}

variable "image_tag" {
  description = "Tag of the image in this stack's own repository, which the architecture is added to (\"1.0.0\" makes 1.0.0-x86_64); an image that is there already under this tag is not built again. null: a tag made from the source's hash."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null ? true : can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}$", var.image_tag))
    error_message = "image_tag must be 1 to 120 letters, digits, dots, hyphens and underscores, such as \"1.0.0\"."
  }

  validation {
    condition     = var.image_tag == null || var.image == null
    error_message = "image_tag is for the repository that is made here; image names its tag itself. Give one of the two."
  }
}

# --- Artifacts

variable "artifact_bucket_id" {
  description = "Name of a bucket to use; null makes one. Of your own bucket nothing is changed; the user or the tasks get a policy for it."
  type        = string
  default     = null

  validation {
    condition     = var.artifact_bucket_id == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket_id))
    error_message = "artifact_bucket_id must be the plain name of a bucket (3 to 63 lower-case letters, digits, dots and hyphens), without s3:// and without a prefix."
  }
}

variable "artifact_force_destroy" {
  description = "Whether destroy deletes a bucket that holds artifacts, with all of them."
  type        = bool
  default     = false
}

variable "artifact_version_days" {
  description = "How long versions of artifacts that were deleted or overwritten can be brought back, in days."
  type        = number
  default     = 90

  validation {
    condition     = var.artifact_version_days >= 1 && floor(var.artifact_version_days) == var.artifact_version_days
    error_message = "artifact_version_days must be a whole number of at least 1."
  }
}

# --- The database

variable "db_min_capacity" {
  description = "Least capacity of Aurora in ACU, in steps of 0.5. 0 lets it pause when nobody asks; the first request then waits about 15 s, or 30 s and more after a day."
  type        = number
  default     = 0

  validation {
    condition     = var.db_min_capacity >= 0 && var.db_min_capacity <= 256 && floor(var.db_min_capacity * 2) == var.db_min_capacity * 2
    error_message = "db_min_capacity must be from 0 to 256 in steps of 0.5; 0 lets the database pause."
  }
}

variable "db_max_capacity" {
  description = "Most capacity of Aurora in ACU, in steps of 0.5. One ACU is 2 GiB of memory."
  type        = number
  default     = 4

  validation {
    condition     = var.db_max_capacity >= 1 && var.db_max_capacity <= 256 && floor(var.db_max_capacity * 2) == var.db_max_capacity * 2
    error_message = "db_max_capacity must be from 1 to 256 in steps of 0.5; Aurora Serverless v2 allows no less than 1 here."
  }

  validation {
    condition     = var.db_max_capacity >= var.db_min_capacity
    error_message = "db_max_capacity (${var.db_max_capacity}) is below db_min_capacity (${var.db_min_capacity}): raise the one or lower the other."
  }
}

variable "db_auto_pause_seconds" {
  description = "How long nobody must have asked before the database pauses, in seconds; counts only when db_min_capacity is 0."
  type        = number
  default     = 300

  validation {
    condition     = var.db_auto_pause_seconds >= 300 && var.db_auto_pause_seconds <= 86400
    error_message = "db_auto_pause_seconds must be from 300 (5 minutes) to 86400 (a day). To keep the database from pausing, set db_min_capacity = 0.5."
  }
}

variable "db_backup_days" {
  description = "How many days the database can be restored to any moment of."
  type        = number
  default     = 7

  validation {
    condition     = var.db_backup_days >= 1 && var.db_backup_days <= 35
    error_message = "db_backup_days must be from 1 to 35."
  }
}

variable "db_deletion_protection" {
  description = "Whether AWS refuses to delete the database. Before a destroy, apply with false."
  type        = bool
  default     = true
}

variable "db_skip_final_snapshot" {
  description = "Whether a destroy leaves no snapshot of the database behind."
  type        = bool
  default     = false
}

variable "db_password_version" {
  description = "Raise it to have the database's password made anew, in Secrets Manager and in Aurora, and the tasks replaced."
  type        = number
  default     = 1
}

variable "db_ca_file" {
  description = "Where the image has the certificates that RDS signs with (certs/rds-global-bundle.pem of this repository). The database's certificate is always verified."
  type        = string
  default     = "/app/certs/rds-global-bundle.pem"

  validation {
    condition     = startswith(var.db_ca_file, "/")
    error_message = "db_ca_file must be an absolute path inside the image."
  }
}
