variable "environment" {
  description = "Which environment this is, the first part of every name: development, production, ..."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "An environment's name has lower case letters, digits and hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "AWS region that everything is in."
  type        = string
}

variable "account_id" {
  description = "Account that the environment is in: no other one is touched, whatever credentials are at hand. Null takes any."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[0-9]{12}$", coalesce(var.account_id, "000000000000")))
    error_message = "An account's id has twelve digits."
  }
}

variable "log_retention_in_days" {
  description = "Days to keep logs of functions and requests; 0 keeps them for ever."
  type        = number
  default     = 365
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the permissions of every role. Null bounds none."
  type        = string
  default     = null
}
