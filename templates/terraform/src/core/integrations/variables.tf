variable "create" {
  description = "Whether anything is made."
  type        = bool
  default     = true
}

variable "name" {
  description = "Start of every name, such as `development-my-api`. Names that become longer than 64 characters are cut and end in a hash."
  type        = string
}

variable "metrics_namespace" {
  description = "Namespace of the functions' metrics, such as `my-api-development`."
  type        = string
}

variable "metadata" {
  description = "Content of the API's operations.gen.json."
  type        = any
}

variable "api_type" {
  description = "REST or HTTP: how responses travel, and what an override may be."
  type        = string

  validation {
    condition     = contains(["REST", "HTTP"], var.api_type)
    error_message = "api_type is REST or HTTP."
  }
}

variable "integration_pattern" {
  description = "isolated makes a function for each operation, shared one router for all of them."
  type        = string

  validation {
    condition     = contains(["isolated", "shared"], var.integration_pattern)
    error_message = "integration_pattern is isolated or shared."
  }
}

variable "auth" {
  description = "Who may call an operation that names no auth of its own: IAM, Cognito, Custom or None."
  type        = string

  validation {
    condition     = contains(["IAM", "Cognito", "Custom", "None"], var.auth)
    error_message = "auth is IAM, Cognito, Custom or None."
  }
}

variable "function_defaults" {
  description = "Options of every function of a default integration."
  type        = any
  default     = {}
}

variable "operations" {
  description = "Options of single operations: of their function, of their method, or an integration in the function's place."
  type        = any
  default     = {}
}

variable "bundle_path" {
  description = "The zip that the API's bundle target made."
  type        = string
}

variable "bundle_bucket" {
  description = "Bucket that the bundle is uploaded to."
  type        = string
}

variable "base_path" {
  description = "Path below the custom domain that the API is served at, without slashes; empty for the domain's root."
  type        = string
  default     = ""
}

variable "allowed_origins" {
  description = "Origins that browsers may call from."
  type        = list(string)
  default     = ["*"]
}

variable "exposed_headers" {
  description = "Headers of answers that pages may read, besides the usual ones."
  type        = list(string)
  default     = []
}

variable "settings_path" {
  description = "Path in Parameter Store and Secrets Manager that the names of the app's settings are below, such as `/my-scope/production`."
  type        = string

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+)+$", var.settings_path))
    error_message = "A settings_path is like /my-scope/production: letters, digits and _ . - after each slash."
  }

  # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
  validation {
    condition     = length(var.metadata.api.settings.parameters) == 0 || !can(regex("^/(aws|ssm)", lower(var.settings_path)))
    error_message = "Parameter Store takes no name that begins with aws or ssm: give settings_path another beginning."
  }

  # Logs and traces take some 500, and the start of an ARN no less than this:
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  validation {
    condition = sum(concat([500], [
      for name in concat(var.metadata.api.settings.parameters, var.metadata.api.settings.secrets) :
      length("\"arn:aws:ssm:eu-west-1:111111111111:parameter${var.settings_path}/${name}\",")
    ])) <= 10240
    error_message = "The names of ${length(concat(var.metadata.api.settings.parameters, var.metadata.api.settings.secrets))} settings take more than the 10,240 characters that IAM gives the policies of a role: put several values into one secret, as JSON."
  }
}

variable "settings_kms_key_arn" {
  description = "ARN of the KMS key of one's own that encrypts the app's secrets and parameters; null where AWS's own do."
  type        = string
  default     = null
}

variable "adapter_layer_account" {
  description = "Account that publishes the Lambda Web Adapter layer in the API's partition."
  type        = string
  default     = "753240598075"
}

variable "adapter_layer_version" {
  description = "Version of the Lambda Web Adapter layer; 30 is release 1.1.0."
  type        = number
  default     = 30
}

variable "api_execution_arn" {
  description = "Execution ARN of the API, which may invoke the functions."
  type        = string
}

variable "stage_name" {
  description = "Stage of the API, which may invoke the functions."
  type        = string
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds every role's permissions."
  type        = string
  default     = null
}

variable "log_retention_in_days" {
  description = "Days to keep each function's logs."
  type        = number
  default     = 365
}

variable "keep_logs" {
  description = "Whether logs stay when what writes them is destroyed."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "ARN of the KMS key for environment variables and logs."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
