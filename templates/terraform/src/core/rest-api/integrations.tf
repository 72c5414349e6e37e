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
    } if contains(keys(operation), "function_arn")
  }

  given = { for name, operation in var.operations : name => operation.integration if contains(keys(operation), "integration") }

  # What the body calls the options that need no translation.
  body_names = {
    cache_key_parameters   = "cacheKeyParameters"
    connection_id          = "connectionId"
    content_handling       = "contentHandling"
    credentials            = "credentials"
    request_parameters     = "requestParameters"
    request_templates      = "requestTemplates"
    response_transfer_mode = "responseTransferMode"
    timeout_milliseconds   = "timeoutInMillis"
    uri                    = "uri"
  }
  body_response_names = {
    content_handling = "contentHandling"
    parameters       = "responseParameters"
    templates        = "responseTemplates"
  }

  overrides = {
    for name, integration in local.given : name => merge(
      { type = lower(local.types[name]) },
      { for option in ["httpMethod"] : option => lookup(integration, "http_method", local.invokes_function[name] ? "POST" : "GET") if local.types[name] != "MOCK" },
      { for option, key in local.body_names : key => integration[option] if contains(keys(integration), option) },
      { for option in ["function_arn"] : "uri" => "${local.gateway_arn}:lambda:path/2015-03-31/functions/${integration[option]}/invocations" if contains(keys(integration), option) },
      { for option in ["path", "action"] : "uri" => "${local.gateway_arn}:${integration.service}:${option}/${integration[option]}" if contains(keys(integration), option) },
      { for option in ["connection_id"] : "connectionType" => "VPC_LINK" if contains(keys(integration), option) },
      { for option in ["passthrough_behavior"] : "passthroughBehavior" => lower(integration[option]) if contains(keys(integration), option) },
      {
        for option in ["responses"] : option => {
          for pattern, response in integration[option] : pattern => merge(
            { statusCode = tostring(response.status_code) },
            { for option, key in local.body_response_names : key => response[option] if contains(keys(response), option) },
          )
        } if contains(keys(integration), option)
      },
    )
  }

  invokes_function = { for name, integration in local.given : name => contains(keys(integration), "function_arn") }
  types = {
    for name, integration in local.given : name => lookup(
      integration, "type", local.invokes_function[name] ? "AWS_PROXY" : contains(keys(integration), "service") ? "AWS" : "HTTP_PROXY",
    )
  }

  integrations = merge(local.default_integrations, local.overrides)

  # `method.request.querystring.fileName` is the query parameter `fileName`.
  parameters = {
    for name, operation in var.operations : name => [
      for parameter, required in lookup(operation, "request_parameters", {}) : {
        name     = join(".", slice(split(".", parameter), 3, length(split(".", parameter))))
        in       = replace(split(".", parameter)[2], "querystring", "query")
        required = split(".", parameter)[2] == "path" || required
        schema   = { type = "string" }
      }
    ]
  }

  method_responses = {
    for name, operation in var.operations : name => {
      for status, response in lookup(operation, "method_responses", {}) : status => merge(
        { description = "Response" },
        {
          for key, parameters in { headers = lookup(response, "parameters", {}) } : key => {
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
      for name, integration in local.given :
      "The integration of ${name} has option(s) that REST APIs do not know: ${join(", ", setsubtract(keys(integration), local.integration_options))}. Valid options: ${join(", ", local.integration_options)}."
      if length(setsubtract(keys(integration), local.integration_options)) > 0
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} is of type ${local.types[name]}. Valid types: ${join(", ", local.integration_types)}."
      if !contains(local.integration_types, local.types[name])
    ],
    [
      for name, integration in local.given :
      "The integration of ${name} says not where its answers come from: give it a uri, a function_arn, or a service with a path or an action."
      if local.types[name] != "MOCK" && length(setintersection(keys(integration), ["action", "function_arn", "path", "uri"])) == 0
    ],
    [
      for name in distinct([for operation in values(var.operations) : operation.auth]) : "auth Cognito needs cognito, with the ARN of a user pool."
      if name == "Cognito" && var.cognito == null
    ],
  )
}
