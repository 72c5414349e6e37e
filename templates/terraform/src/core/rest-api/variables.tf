variable "create" {
  description = "Whether anything is made."
  type        = bool
  default     = true
}

variable "name" {
  description = "Name of the API, such as `development-my-api`."
  type        = string
}

variable "environment" {
  description = "Which environment this is, such as `development`."
  type        = string
}

variable "metrics_namespace" {
  description = "Namespace of the API's own metrics, such as `my-api-development`."
  type        = string
}

variable "service_name" {
  description = "Name of the service, a dimension of the API's own metrics."
  type        = string
}

variable "functions" {
  description = "Names of the functions by those that the dashboard shows."
  type        = map(string)
  default     = {}
}

variable "stage_name" {
  description = "Name of the stage, the first part of every path below the API's own domain; null takes the environment's."
  type        = string
  default     = null
}

variable "skeleton" {
  description = "OpenAPI document of the API's paths, from its metadata: without integrations, security and CORS."
  type        = any
}

variable "operations" {
  description = "Each operation with its route, its auth and what answers it, as the integrations module gives them."
  type        = any
}

variable "permissions" {
  description = "Ids of the permissions to invoke functions: the stage moves after they are made, and before they go."
  type        = list(string)
  default     = []
}

variable "rollouts" {
  description = "How calls get to a new version, by the name of each function that has a rollout."
  type        = map(string)
  default     = {}
}

variable "cognito" {
  description = "User pool for auth `Cognito`: its ARN, the clients whose tokens count (an HTTP API needs one; a REST API takes those of every client), and OAuth scopes, one of which a token must have. With scopes only access tokens are accepted. Without, a REST API accepts ID tokens alone, an HTTP API both."
  type = object({
    user_pool_arn = string
    client_ids    = optional(list(string), [])
    scopes        = optional(list(string), [])
  })
  default = null
}

variable "authorizer_arn" {
  description = "ARN of the function that decides on operations with auth Custom."
  type        = string
  default     = null
}

variable "authorizer_cache_seconds" {
  description = "How long API Gateway keeps the authorizer's answer for the same token, up to 3600; 0 asks for every request."
  type        = number
  default     = 300
}

variable "allowed_origins" {
  description = "Origins that browsers may call from; `*` stands for all."
  type        = list(string)
  default     = ["*"]
}

variable "declared" {
  description = "What the API's operations declare: headers of requests and answers, for browsers' sake, and media types of request bodies that are no text."
  type = object({
    request_headers    = list(string)
    response_headers   = list(string)
    binary_media_types = list(string)
  })
  default = { request_headers = [], response_headers = [], binary_media_types = [] }
}

variable "allowed_headers" {
  description = "Headers that browsers may send, besides the usual ones and those that operations declare."
  type        = list(string)
  default     = []
}

variable "exposed_headers" {
  description = "Headers of answers that pages may read, besides the usual ones and those that operations declare."
  type        = list(string)
  default     = []
}

variable "cors" {
  description = "What the app's own CORSMiddleware allows, which then decides everywhere; null where it has none."
  type = object({
    origins         = list(string)
    origin_regex    = string
    methods         = list(string)
    headers         = list(string)
    credentials     = bool
    exposed_headers = list(string)
    max_age         = number
  })
  default = null
}

variable "request_validation" {
  description = "Whether API Gateway answers 400 by itself where a required query parameter or header is missing. FastAPI answers 422, with the reason."
  type        = bool
  default     = false
}

variable "binary_media_types" {
  description = "Media types whose request bodies arrive byte by byte, besides those that operations declare, `multipart/form-data` and `application/octet-stream`: `image/png`, or `image/*` for all of a kind."
  type        = list(string)
  default     = []
}

variable "throttling" {
  description = "Requests a second in the long run and in a burst, of all callers together; null leaves the account's limits. An operation may have its own."
  type = object({
    rate_limit  = number
    burst_limit = number
  })
  default = null
}

variable "access_logs" {
  description = "Whether each request writes one line of JSON, and a failing one its execution log. The account needs its role for API Gateway's logs."
  type        = bool
  default     = true
}

variable "log_retention_in_days" {
  description = "Days to keep the access logs."
  type        = number
  default     = 365
}

variable "keep_logs" {
  description = "Whether access logs stay when the API is destroyed."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "ARN of the KMS key of the access logs; null leaves them to AWS's own key."
  type        = string
  default     = null
}

variable "waf" {
  description = "Whether a web ACL with AWS's managed rules stands before the stage. It costs money for each rule group and request."
  type        = bool
  default     = false
}

variable "detailed_metrics" {
  description = "Whether API Gateway's metrics are by method, too, which are billed as custom metrics."
  type        = bool
  default     = false
}

variable "dashboard" {
  description = "Whether there is a CloudWatch dashboard of the API. Three of an account are free while each refers to at most 50 metrics, three for each function and some."
  type        = bool
  default     = false
}

variable "alarms" {
  description = "Whether alarms watch server errors, latency and throttled invocations."
  type        = bool
  default     = false
}

variable "alarm_thresholds" {
  description = "What raises an alarm: answers of 500 and above in five minutes, the 99th percentile of the latency (streams aside) for a quarter of an hour, and requests that are refused for their number in five minutes."
  type = object({
    server_errors        = optional(number, 1)
    latency_milliseconds = optional(number, 5000)
    throttled_requests   = optional(number, 1)
  })
  default = {}
}

variable "alarm_actions" {
  description = "ARNs that hear of an alarm and of its end, such as an SNS topic's."
  type        = list(string)
  default     = []
}

variable "custom_domain" {
  description = "Domain of one's own: its name, the certificate of the same region, the path below it, and the Route 53 zone that gets the record (without one, point the name at `domain_target` yourself)."
  type = object({
    domain_name     = string
    certificate_arn = string
    base_path       = optional(string)
    hosted_zone     = optional(object({ id = string }))
  })
  default = null
}

variable "disable_default_endpoint" {
  description = "Whether the API answers on its custom domain alone."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
