variable "region" {
  description = "AWS region of the state bucket, and of the account's role for API Gateway's logs."
  type        = string
  default     = "us-east-1"
}

variable "api_gateway_logs_role" {
  description = "Whether to give the account, in this region, the role by which REST APIs write logs. An account has one for all its APIs: leave this out where there is one."
  type        = bool
  default     = false
}
