# The OpenAPI document that API Gateway imports: the metadata's skeleton, filled in with integrations, security and CORS.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

locals {
  partition = data.aws_partition.this.partition
  # `name` is deprecated in the provider's version 6, `region` missing in 5.
  region = data.aws_region.this.id

  lambda_uri = "arn:${local.partition}:apigateway:${local.region}:lambda:path"

  operation_at = { for name, operation in var.operations : "${operation.method} ${operation.gateway_path}" => name }

  paths = {
    for path, methods in var.skeleton.paths : path => merge(
      # A route of the app's own for OPTIONS takes the place of the preflight.
      { options = local.preflight },
      {
        for method, operation in methods : method => merge(
          operation,
          local.methods[local.operation_at["${upper(method)} ${path}"]],
        )
      },
    )
  }

  body = merge(var.skeleton, {
    paths      = local.paths
    components = { securitySchemes = { for auth in local.used_auth : local.scheme_of[auth] => local.schemes[auth] if auth != "None" } }

    "x-amazon-apigateway-gateway-responses" = local.gateway_responses
  })

  methods = {
    for name, operation in var.operations : name => {
      security                          = operation.auth == "None" ? [] : [{ (local.scheme_of[operation.auth]) = [] }]
      "x-amazon-apigateway-integration" = local.integrations[name]
    }
  }

  integrations = {
    for name, operation in var.operations : name => merge(
      {
        for key, value in {
          type                 = "aws_proxy"
          httpMethod           = "POST"
          uri                  = "${local.lambda_uri}/2021-11-15/functions/${try(operation.function_arn, "")}/response-streaming-invocations"
          responseTransferMode = "STREAM"
          timeoutInMillis      = try(operation.timeout, 0) * 1000
        } : key => value if can(operation.function_arn)
      },
      local.overrides[name],
    )
  }

  overrides = { for name, operation in var.operations : name => {} }
  problems  = []
}
