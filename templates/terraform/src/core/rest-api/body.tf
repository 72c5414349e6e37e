# The OpenAPI document that API Gateway imports: the metadata's skeleton, filled in with integrations, security and CORS.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

locals {
  operation_at = merge([
    for name, operation in var.operations : { for route in operation.routes : "${route.method} ${route.gateway_path}" => name }
  ]...)

  body = {
    openapi = var.skeleton.openapi
    info    = var.skeleton.info
    paths = {
      for path, methods in var.skeleton.paths : path => merge(
        # A route of the app's own for OPTIONS takes the preflight's place.
        { options = local.preflights[path] },
        {
          for method, skeleton in methods : method => merge(
            skeleton,
            local.methods[local.operation_at["${upper(method)} ${path}"]],
            { parameters = concat(
              # An override's parameter takes the place of the app's of the same name.
              [for parameter in skeleton.parameters : parameter if !contains(
                [for own in local.parameters[local.operation_at["${upper(method)} ${path}"]] : "${own.in} ${own.name}"],
                "${parameter.in} ${parameter.name}",
              )],
              local.parameters[local.operation_at["${upper(method)} ${path}"]],
            ) },
          )
        },
      )
    }
    components = { securitySchemes = local.security_schemes }

    "x-amazon-apigateway-binary-media-types" = distinct(concat(
      ["application/octet-stream", "multipart/form-data"], var.declared.binary_media_types, var.binary_media_types,
    ))
    "x-amazon-apigateway-gateway-responses" = local.gateway_responses
    "x-amazon-apigateway-request-validators" = {
      none       = { validateRequestBody = false, validateRequestParameters = false }
      parameters = { validateRequestBody = false, validateRequestParameters = true }
    }
    "x-amazon-apigateway-request-validator" = var.request_validation ? "parameters" : "none"
  }

  # What each operation adds to its skeleton.
  methods = {
    for name, operation in var.operations : name => merge(
      {
        security                          = local.security[name]
        "x-amazon-apigateway-integration" = local.integrations[name]
      },
      { for key, responses in { responses = local.method_responses[name] } : key => responses if length(responses) > 0 },
      {
        for option in ["request_validation"] : "x-amazon-apigateway-request-validator" => operation[option] ? "parameters" : "none"
        if contains(keys(operation), option)
      },
    )
  }
}
