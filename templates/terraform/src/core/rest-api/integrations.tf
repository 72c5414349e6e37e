locals {
  partition = data.aws_partition.this.partition
  # `name` is deprecated in the provider's version 6, `region` missing in 5.
  region = data.aws_region.this.id

  gateway_arn = "arn:${local.partition}:apigateway:${local.region}"

  # A REST API streams what the function answers; it takes no other way to one.
  default_integrations = {
    for name, operation in var.operations : name => {
      type                 = "aws_proxy"
      httpMethod           = "POST"
      uri                  = "${local.gateway_arn}:lambda:path/2021-11-15/functions/${operation.function_arn}/response-streaming-invocations"
      passthroughBehavior  = "when_no_match"
      responseTransferMode = "STREAM"
      timeoutInMillis      = operation.timeout * 1000
    } if can(operation.function_arn)
  }

  given = { for name, operation in var.operations : name => operation.integration if can(operation.integration) }

  # In the body's words, which are those of the service's API.
  overrides = {
    for name, integration in local.given : name => {
      for key, value in {
        type                 = lower(try(integration.type, can(integration.function_arn) ? "AWS_PROXY" : "HTTP_PROXY"))
        httpMethod           = try(integration.http_method, can(integration.function_arn) ? "POST" : try(integration.type, "") == "MOCK" ? null : "GET")
        uri                  = local.override_uris[name]
        credentials          = try(integration.credentials, null)
        connectionId         = try(integration.connection_id, null)
        connectionType       = can(integration.connection_id) ? "VPC_LINK" : null
        contentHandling      = try(integration.content_handling, null)
        cacheKeyParameters   = try(integration.cache_key_parameters, null)
        passthroughBehavior  = try(lower(integration.passthrough_behavior), null)
        requestParameters    = try(integration.request_parameters, null)
        requestTemplates     = try(integration.request_templates, null)
        responseTransferMode = try(integration.response_transfer_mode, null)
        timeoutInMillis      = try(integration.timeout_milliseconds, null)
        responses            = local.override_responses[name]
      } : key => value if value != null
    }
  }

  override_uris = {
    for name, integration in local.given : name => try(
      integration.uri,
      "${local.gateway_arn}:lambda:path/2015-03-31/functions/${integration.function_arn}/invocations",
      "${local.gateway_arn}:${integration.service}:path/${integration.path}",
      "${local.gateway_arn}:${integration.service}:action/${integration.action}",
      null,
    )
  }

  override_responses = {
    for name, integration in local.given : name => !can(integration.responses) ? null : {
      for pattern, response in integration.responses : pattern => {
        for key, value in {
          statusCode         = tostring(response.status_code)
          contentHandling    = try(response.content_handling, null)
          responseParameters = try(response.parameters, null)
          responseTemplates  = try(response.templates, null)
        } : key => value if value != null
      }
    }
  }

  integrations = merge(local.default_integrations, local.overrides)

  # `method.request.querystring.fileName` is the query parameter `fileName`.
  parameters = {
    for name, operation in var.operations : name => [
      for parameter, required in try(operation.request_parameters, {}) : {
        name     = join(".", slice(split(".", parameter), 3, length(split(".", parameter))))
        in       = replace(split(".", parameter)[2], "querystring", "query")
        required = split(".", parameter)[2] == "path" || required
        schema   = { type = "string" }
      }
    ]
  }

  method_responses = {
    for name, operation in var.operations : name => {
      for status, response in try(operation.method_responses, {}) : status => merge(
        { description = "Response" },
        {
          for key, parameters in { headers = try(response.parameters, {}) } : key => {
            for parameter in keys(parameters) : trimprefix(parameter, "method.response.header.") => { schema = { type = "string" } }
          } if length(parameters) > 0
        },
      )
    }
  }

  integration_options = [
    "action", "cache_key_parameters", "connection_id", "content_handling", "credentials", "function_arn", "http_method", "passthrough_behavior",
    "path", "request_parameters", "request_templates", "response_transfer_mode", "responses", "service", "timeout_milliseconds", "type", "uri",
  ]
  integration_types = ["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"]

  problems = concat(
    [
      for name, integration in local.given :
      "The integration of ${name} has option(s) that REST APIs do not know: ${join(", ", setsubtract(keys(integration), local.integration_options))}. Valid options: ${join(", ", local.integration_options)}."
      if length(setsubtract(keys(integration), local.integration_options)) > 0
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} is of type ${integration.type}. Valid types: ${join(", ", local.integration_types)}."
      if !contains(local.integration_types, try(integration.type, "HTTP_PROXY"))
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} says not where its answers come from: give it a uri, a function_arn, or a service with a path or an action."
      if local.override_uris[name] == null && try(integration.type, "") != "MOCK"
    ],
    [
      for name in distinct([for operation in values(var.operations) : operation.auth]) : "auth Cognito needs cognito, with the ARN of a user pool."
      if name == "Cognito" && var.cognito == null
    ],
  )
}
