locals {
  default_integrations = {
    for name, operation in var.operations : name => {
      type                   = "AWS_PROXY"
      method                 = "POST"
      uri                    = "${local.gateway_arn}:lambda:path/2015-03-31/functions/${operation.function_arn}/invocations"
      payload_format_version = "2.0"
      # HTTP APIs wait 30 seconds at most.
      timeout_milliseconds = min(operation.timeout * 1000, 30000)
    } if can(operation.function_arn)
  }

  given = { for name, operation in var.operations : name => operation.integration if can(operation.integration) }

  overrides = {
    for name, integration in local.given : name => {
      type                   = try(integration.type, can(integration.function_arn) || can(integration.subtype) ? "AWS_PROXY" : "HTTP_PROXY")
      subtype                = try(integration.subtype, null)
      method                 = try(integration.http_method, can(integration.subtype) ? null : can(integration.function_arn) ? "POST" : "GET")
      uri                    = try(integration.uri, "${local.gateway_arn}:lambda:path/2015-03-31/functions/${integration.function_arn}/invocations", null)
      credentials_arn        = try(integration.credentials, null)
      payload_format_version = try(integration.payload_format_version, can(integration.function_arn) ? "2.0" : "1.0")
      request_parameters     = try(integration.request_parameters, null)
      timeout_milliseconds   = try(integration.timeout_milliseconds, 30000)
      connection_type        = can(integration.connection_id) ? "VPC_LINK" : null
      connection_id          = try(integration.connection_id, null)
    }
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
      for name, integration in local.given :
      "The integration of ${name} has option(s) that HTTP APIs do not know: ${join(", ", setsubtract(keys(integration), local.integration_options))}. Valid options: ${join(", ", local.integration_options)}."
      if length(setsubtract(keys(integration), local.integration_options)) > 0
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} is of type ${integration.type}. Valid types: ${join(", ", local.integration_types)}."
      if !contains(local.integration_types, try(integration.type, "HTTP_PROXY"))
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} says not where its answers come from: give it a uri, a function_arn or a subtype."
      if !can(integration.uri) && !can(integration.function_arn) && !can(integration.subtype)
    ],
    [
      for name, operation in var.operations :
      "${name} has option(s) that HTTP APIs do not know: ${join(", ", setintersection(keys(operation), local.method_options))}."
      if length(setintersection(keys(operation), local.method_options)) > 0
    ],
    [
      for name in sort(local.used_auth) : "auth Cognito needs cognito, with the ARN of a user pool and the id of a client at least."
      if name == "Cognito" && length(try(var.cognito.client_ids, [])) == 0
    ],
  )
}
