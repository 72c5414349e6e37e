locals {
  method_options = ["api_key_required", "integration", "method_responses", "request_parameters", "request_validation", "throttling"]
}

output "operations" {
  description = "Each operation with its route, its auth and what answers it, known before the first apply."
  value = {
    for operation, route in var.metadata.operations : operation => merge(
      { for key, value in local.tuned[operation] : key => value if contains(local.method_options, key) },
      {
        method       = route.method
        gateway_path = route.gateway_path
        routes       = route.routes
        auth         = local.auth_of[operation]
        streaming    = route.streaming
      },
      lookup(local.invoked, operation, {}),
    )
  }
}

output "outputs" {
  description = "What users of the API may refer to, by operation: its route, its function, and the properties given to its override."
  value = {
    for operation, route in var.metadata.operations : operation => merge(
      lookup(local.tuned[operation], "properties", {}),
      { method = route.method, path = route.path },
      lookup(local.made, lookup(local.function_of, operation, "none"), {}),
    )
  }
}

output "router" {
  description = "The shared function; null where each operation has its own."
  value       = lookup(local.made, "router", null)
}

output "functions" {
  description = "Names of all functions, the authorizer's too, known before the first apply: by the operation that each answers."
  value       = { for key in setunion(local.functions, local.has_custom_auth ? ["authorizer"] : []) : key => local.names[key] }
}

output "permissions" {
  description = "Ids of the API's permissions to invoke functions."
  value = concat(
    values(module.function)[*].permission_id,
    module.authorizer[*].permission_id,
    [for permission in values(aws_lambda_permission.override) : permission.id],
  )
}

output "authorizer_arn" {
  description = "ARN of the function that decides on operations with auth Custom; null where there is none."
  value       = local.has_custom_auth ? "${local.arn_prefix}:${local.names["authorizer"]}${local.aliases["authorizer"]}" : null
}

output "rollouts" {
  description = "How calls get to a new version, by the name of each function that has a rollout."
  value       = { for key, rollout in local.rollouts : local.names[key] => rollout if rollout != null }
}
