locals {
  default_integrations = {
    for name, operation in var.operations : name => {
      type                   = "AWS_PROXY"
      method                 = "POST"
      uri                    = "${local.gateway_arn}:lambda:path/2015-03-31/functions/${operation.function_arn}/invocations"
      payload_format_version = "2.0"
      timeout_milliseconds   = operation.timeout * 1000
    } if contains(keys(operation), "function_arn")
  }

  given = { for name, operation in var.operations : name => operation.integration if contains(keys(operation), "integration") }

  overrides = {
    for name, integration in local.given : name => merge(
      {
        type                   = local.types[name]
        method                 = lookup(integration, "http_method", local.invokes_function[name] ? "POST" : local.calls_service[name] ? null : "ANY")
        payload_format_version = lookup(integration, "payload_format_version", local.invokes_function[name] ? "2.0" : "1.0")
        timeout_milliseconds   = 30000
      },
      {
        for option in ["connection_id", "request_parameters", "subtype", "timeout_milliseconds", "uri"] :
        option => integration[option] if contains(keys(integration), option)
      },
      { for option in ["credentials"] : "credentials_arn" => integration[option] if contains(keys(integration), option) },
      { for option in ["function_arn"] : "uri" => "${local.gateway_arn}:lambda:path/2015-03-31/functions/${integration[option]}/invocations" if contains(keys(integration), option) },
      { for option in ["connection_id"] : "connection_type" => "VPC_LINK" if contains(keys(integration), option) },
    )
  }

  invokes_function = { for name, integration in local.given : name => contains(keys(integration), "function_arn") }
  calls_service    = { for name, integration in local.given : name => contains(keys(integration), "subtype") }
  types = {
    for name, integration in local.given : name =>
    lookup(integration, "type", local.invokes_function[name] || local.calls_service[name] ? "AWS_PROXY" : "HTTP_PROXY")
  }

  integrations = merge(local.default_integrations, local.overrides)

  integration_options = [
    "connection_id", "credentials", "function_arn", "http_method", "payload_format_version", "request_parameters", "subtype",
    "timeout_milliseconds", "type", "uri",
  ]
  integration_types = ["AWS_PROXY", "HTTP_PROXY"]
  method_options    = ["api_key_required", "method_responses", "request_parameters", "request_validation"]

  problems = concat(
    [
      for name, rollout in var.rollouts :
      "${name} has a rollout in steps, which nothing would stop: set alarms, or choose the rollout AllAtOnce."
      if rollout != "AllAtOnce" && !var.alarms
    ],
    [
      for rule in var.cors[*] :
      "The app has a CORSMiddleware of its own, which decides for API Gateway too: give it the origins in place of allowed_origins, or remove it."
      if !contains(var.allowed_origins, "*")
    ],
    [
      for rule in var.cors[*] :
      "The app has a CORSMiddleware of its own, which decides for API Gateway too: give it the headers in place of allowed_headers and exposed_headers, or remove it."
      if length(concat(var.allowed_headers, var.exposed_headers)) > 0
    ],
    [
      for rule in var.cors[*] :
      "An HTTP API knows no pattern of origins, as in the app's allow_origin_regex ${rule.origin_regex}: list them in allow_origins, or use a REST API."
      if rule.origin_regex != ""
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} has option(s) that HTTP APIs do not know: ${join(", ", setsubtract(keys(integration), local.integration_options))}. Valid options: ${join(", ", local.integration_options)}."
      if length(setsubtract(keys(integration), local.integration_options)) > 0
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} is of type ${local.types[name]}. Valid types: ${join(", ", local.integration_types)}."
      if !contains(local.integration_types, local.types[name])
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} says not where its answers come from: give it a uri, a function_arn or a subtype."
      if length(setintersection(keys(integration), ["function_arn", "subtype", "uri"])) == 0
    ],
    [
      for name, operation in var.operations :
      "${name} has option(s) that HTTP APIs do not know: ${join(", ", setintersection(keys(operation), local.method_options))}."
      if length(setintersection(keys(operation), local.method_options)) > 0
    ],
    [
      for name in sort(local.used_auth) : "auth Cognito needs cognito, with the ARN of a user pool and the id of a client at least."
      if name == "Cognito" && (var.cognito == null ? 0 : length(var.cognito.client_ids)) == 0
    ],
  )
}
