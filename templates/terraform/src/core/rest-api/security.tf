locals {
  used_auth = toset([for operation in values(var.operations) : operation.auth])

  scheme_of = { IAM = "iam", Cognito = "cognito", Custom = "custom" }

  authorization_header = { type = "apiKey", name = "Authorization", in = "header" }

  schemes = {
    IAM = merge(local.authorization_header, { "x-amazon-apigateway-authtype" = "awsSigv4" })

    Cognito = merge(local.authorization_header, {
      "x-amazon-apigateway-authtype" = "cognito_user_pools"
      "x-amazon-apigateway-authorizer" = {
        type         = "cognito_user_pools"
        providerARNs = var.user_pools[*].arn
      }
    })

    Custom = merge(local.authorization_header, {
      "x-amazon-apigateway-authtype" = "custom"
      "x-amazon-apigateway-authorizer" = {
        type                         = "request"
        identitySource               = "method.request.header.Authorization"
        authorizerResultTtlInSeconds = 300
        authorizerUri                = "${local.lambda_uri}/2015-03-31/functions/${coalesce(var.authorizer_arn, "none")}/invocations"
      }
    })
  }
}
