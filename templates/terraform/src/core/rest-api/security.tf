locals {
  scheme_of = { IAM = "sigv4", Cognito = "cognito", Custom = "custom" }

  authorization_header = { type = "apiKey", name = "Authorization", in = "header" }

  schemes = {
    sigv4 = merge(local.authorization_header, { "x-amazon-apigateway-authtype" = "awsSigv4" })

    cognito = merge(local.authorization_header, {
      "x-amazon-apigateway-authtype" = "cognito_user_pools"
      "x-amazon-apigateway-authorizer" = {
        type         = "cognito_user_pools"
        providerARNs = var.cognito[*].user_pool_arn
      }
    })

    custom = merge(local.authorization_header, {
      "x-amazon-apigateway-authtype" = "custom"
      "x-amazon-apigateway-authorizer" = {
        type                         = "request"
        identitySource               = "method.request.header.Authorization"
        authorizerResultTtlInSeconds = var.authorizer_cache_seconds
        authorizerUri                = "${local.gateway_arn}:lambda:path/2015-03-31/functions/${coalesce(var.authorizer_arn, "none")}/invocations"
      }
    })

    api_key = { type = "apiKey", name = "x-api-key", in = "header" }
  }

  scopes = { Cognito = var.cognito == null ? [] : var.cognito.scopes }

  # An operation without auth says so: API Gateway reads nothing at the root.
  security = {
    for name, operation in var.operations : name => [
      for requirement in [merge(
        { for auth, scheme in local.scheme_of : scheme => lookup(local.scopes, auth, []) if auth == operation.auth },
        { for required in [lookup(operation, "api_key_required", false)] : "api_key" => [] if required },
      )] : requirement if length(requirement) > 0
    ]
  }

  used_schemes = toset(flatten([for security in values(local.security) : [for requirement in security : keys(requirement)]]))

  security_schemes = { for scheme, definition in local.schemes : scheme => definition if contains(local.used_schemes, scheme) }
}
