variable "name" {
  description = "Name of the function and of its log group, at most 64 characters."
  type        = string

  validation {
    condition     = length(var.name) <= 64
    error_message = "A function's name has at most 64 characters."
  }
}

variable "role_name" {
  description = "Name of the function's role. Roles are global to an account, so it carries the region; at most 64 characters."
  type        = string

  validation {
    condition     = length(var.role_name) <= 64
    error_message = "A role's name has at most 64 characters."
  }
}

variable "description" {
  description = "What the function serves, as the console shows it."
  type        = string
}

variable "bundle" {
  description = "The deployment package in S3: bucket, key, and the base64 SHA-256 of the zip."
  type = object({
    bucket = string
    key    = string
    hash   = string
  })
}

variable "handler" {
  description = "Entry point in the bundle: the script that starts the web server, or a Python handler."
  type        = string
  default     = "run.sh"
}

variable "runtime" {
  description = "Lambda runtime, as the API's pyproject.toml states it."
  type        = string
}

variable "architecture" {
  description = "Instruction set that the bundle was built for: arm64 or x86_64."
  type        = string
}

variable "layers" {
  description = "ARNs of layer versions, at most 5."
  type        = list(string)
  default     = []
}

variable "memory_size" {
  description = "Memory in MB, 128 to 10240. CPU grows with it: below 512 a cold start is slow."
  type        = number
  default     = 512
  nullable    = false
}

variable "timeout" {
  description = "Seconds that one invocation may take, 1 to 900."
  type        = number
  default     = 30
  nullable    = false
}

variable "ephemeral_storage_size" {
  description = "Size of /tmp in MB, 512 to 10240."
  type        = number
  default     = 512
  nullable    = false
}

variable "reserved_concurrent_executions" {
  description = "Concurrency set aside for this function alone; -1 takes from the account's pool."
  type        = number
  default     = -1
  nullable    = false
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  default     = {}
}

variable "vpc" {
  description = "Subnets and security groups of the function's network interfaces; null runs it outside any VPC."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "snap_start" {
  description = "Whether invocations go to an alias of a published version that starts from a snapshot. Snapshots cost money while they are kept."
  type        = bool
  default     = false
  nullable    = false
}

variable "provisioned_concurrent_executions" {
  description = "Environments that are kept initialised, and paid for, behind an alias; null keeps none. SnapStart excludes them."
  type        = number
  default     = null

  # Lambda refuses them an alias between two versions: https://github.com/hashicorp/terraform/issues/24957
  validation {
    condition     = var.provisioned_concurrent_executions == null || contains(["none", "AllAtOnce"], coalesce(var.rollout, "none"))
    error_message = "Provisioned concurrency excludes a rollout in steps: choose the rollout AllAtOnce."
  }
}

variable "rollout" {
  description = "How the target `rollout` moves calls to a new version; null publishes none, and new code answers after an apply."
  type        = string
  default     = null

  # Names and meanings of CodeDeploy's: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
  validation {
    condition     = can(regex("^(none|AllAtOnce|Canary10Percent(5|10|15|30)Minutes|Linear10PercentEvery(1Minute|(2|3|10)Minutes))$", coalesce(var.rollout, "none")))
    error_message = "A rollout is AllAtOnce, Canary10Percent5Minutes (or 10, 15, 30), Linear10PercentEvery1Minute or Linear10PercentEvery2Minutes (or 3, 10)."
  }
}

variable "policy_statements" {
  description = "What this function's role may do besides writing logs and traces."
  type = list(object({
    sid       = optional(string)
    effect    = optional(string, "Allow")
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(list(string))))
  }))
  default = []
}

# Of its own, since how many statements there are may be known after an apply alone: a key may be made with the API.
variable "reads_settings" {
  description = "Whether there are `settings_statements`."
  type        = bool
  default     = false
}

variable "settings_statements" {
  description = "Which of the app's settings in AWS this function's role may read."
  type = list(object({
    sid       = optional(string)
    effect    = optional(string, "Allow")
    actions   = list(string)
    resources = list(string)
    condition = optional(map(map(list(string))))
  }))
  default = []
}

variable "policy_arns" {
  description = "ARNs of managed policies to attach to this function's role, by a name of your choice."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role's permissions."
  type        = string
  default     = null
}

variable "log_retention_in_days" {
  description = "Days to keep the function's logs; 0 keeps them for ever."
  type        = number
  default     = 365
}

variable "keep_logs" {
  description = "Whether the logs stay when the function is destroyed."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "ARN of the KMS key for environment variables and logs; null leaves both to AWS's own keys. Its policy has to allow CloudWatch Logs."
  type        = string
  default     = null
}

variable "invoked_from" {
  description = "ARN of the route, or pattern of routes, of the API that may invoke the function."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
