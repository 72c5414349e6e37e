# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
check "routes" {
  assert {
    condition     = length(keys(var.operations)) <= 300
    error_message = "${var.name} has ${length(keys(var.operations))} routes: API Gateway allows 300 for an HTTP API until the quota is raised."
  }
}
