locals {
  authorization_type_of = { IAM = "AWS_IAM", Cognito = "JWT", Custom = "CUSTOM", None = "NONE" }

  used_auth = toset([for operation in values(var.operations) : operation.auth])

  authorizer_ids = {
    Cognito = one(aws_apigatewayv2_authorizer.cognito[*].id)
    Custom  = one(aws_apigatewayv2_authorizer.custom[*].id)
  }
}

# A pool's tokens name it by its region and id, which its ARN holds.
resource "aws_apigatewayv2_authorizer" "cognito" {
  count = var.create && contains(local.used_auth, "Cognito") ? 1 : 0

  api_id           = aws_apigatewayv2_api.this[0].id
  name             = "cognito"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = "https://cognito-idp.${split(":", var.cognito.user_pool_arn)[3]}.amazonaws.com/${split("/", var.cognito.user_pool_arn)[1]}"
    audience = var.cognito.client_ids
  }
}

resource "aws_apigatewayv2_authorizer" "custom" {
  count = var.create && contains(local.used_auth, "Custom") ? 1 : 0

  api_id                            = aws_apigatewayv2_api.this[0].id
  name                              = "custom"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = "${local.gateway_arn}:lambda:path/2015-03-31/functions/${coalesce(var.authorizer_arn, "none")}/invocations"
  authorizer_payload_format_version = "2.0"
  authorizer_result_ttl_in_seconds  = var.authorizer_cache_seconds
  enable_simple_responses           = false
  identity_sources                  = ["$request.header.Authorization"]
}
