locals {
  # The root and each part of a path are a resource of the API.
  resources = distinct(concat(["/"], flatten([
    for path in keys(var.skeleton.paths) : [
      for count in range(2, length(split("/", path)) + 1) : join("/", slice(split("/", path), 0, count))
    ]
  ])))
}

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
check "resources" {
  assert {
    condition     = length(local.resources) <= 300
    error_message = "${var.name} has ${length(local.resources)} resources: API Gateway allows 300 for a REST API until the quota is raised."
  }
}
