variable "api_id" {
  description = "Id of the HTTP API."
  type        = string
}

variable "route_key" {
  description = "Method and path: `GET /items/{item_id}`."
  type        = string
}

variable "more_route_keys" {
  description = "Further routes that the same integration answers: those of a mounted app, or of a rest of the path that is empty."
  type        = list(string)
  default     = []
}

variable "operation_name" {
  description = "Name of the operation, which the console shows beside the route."
  type        = string
}

variable "authorization_type" {
  description = "Who may call: AWS_IAM, JWT, CUSTOM or NONE."
  type        = string
}

variable "authorizer_id" {
  description = "Id of the authorizer, for JWT and CUSTOM."
  type        = string
  default     = null
}

variable "authorization_scopes" {
  description = "OAuth scopes, one of which a token must have."
  type        = list(string)
  default     = []
}

variable "integration" {
  description = "What answers, in the words of `aws_apigatewayv2_integration`."
  type = object({
    type                   = string
    subtype                = optional(string)
    method                 = optional(string)
    uri                    = optional(string)
    credentials_arn        = optional(string)
    payload_format_version = optional(string)
    request_parameters     = optional(map(string))
    timeout_milliseconds   = optional(number)
    connection_type        = optional(string)
    connection_id          = optional(string)
  })
}

variable "permissions" {
  description = "Ids of the permissions to invoke functions: the route goes live after they are made, and leaves them before they go."
  type        = list(string)
  default     = []
}
