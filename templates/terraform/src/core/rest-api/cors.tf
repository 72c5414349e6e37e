locals {
  preflight         = { responses = { "204" = { description = "x" } }, "x-amazon-apigateway-integration" = { type = "mock", httpMethod = "POST", uri = "x", responses = { default = { statusCode = "204" } } } }
  gateway_responses = {}
}
