# The values are those of the environment, in ../environments.

# tflint-ignore: terraform_unused_declarations
variable "environment" {
  description = "Not used here: the role is the account's."
  type        = string
}

variable "region" {
  description = "AWS region of the environment."
  type        = string
}

variable "account_id" {
  description = "Account of the environment: no other one is touched. Null takes any."
  type        = string
  default     = null
}

# tflint-ignore: terraform_unused_declarations
variable "log_retention_in_days" {
  description = "Not used here: it stands in the same file."
  type        = number
  default     = null
}

# tflint-ignore: terraform_unused_declarations
variable "permissions_boundary" {
  description = "Not used here: it stands in the same file."
  type        = string
  default     = null
}
