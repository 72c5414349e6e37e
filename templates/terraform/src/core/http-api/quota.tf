# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
check "routes" {
  assert {
    condition     = length(flatten(values(local.route_keys))) <= 300
    error_message = "${var.name} has ${length(flatten(values(local.route_keys)))} routes: API Gateway allows 300 for an HTTP API until the quota is raised."
  }
}
