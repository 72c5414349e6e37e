variable "name" {
  description = "Name of the API, such as `development-my-api`. The dashboard's ends in the region, since an account has one list for all of them."
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

variable "gateway" {
  description = "What API Gateway's metrics of the API are told apart by: names and values in turn."
  type        = list(string)
}

variable "errors" {
  description = "API Gateway's names of answers from 400 to 499, and of those from 500."
  type        = object({ client = string, server = string })
}

variable "functions" {
  description = "Names of the functions by those that the graphs show."
  type        = map(string)
}

variable "throttled_requests" {
  description = "Whether requests that are refused for their number are counted, which the access log does."
  type        = bool
}
