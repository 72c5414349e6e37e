# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
check "routes" {
  assert {
    condition     = length(flatten(values(local.route_keys))) <= 300
    error_message = "${var.name} has ${length(flatten(values(local.route_keys)))} routes: API Gateway allows 300 for an HTTP API until the quota is raised."
  }
}

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html has the 30 seconds.
check "streams" {
  assert {
    condition     = !anytrue([for operation in values(var.operations) : operation.streaming])
    error_message = "${var.name} is an HTTP API, which sends what these stream whole, and only if it has ended within 30 seconds: ${join(", ", [for name, operation in var.operations : name if operation.streaming])}. A REST API streams."
  }
}
