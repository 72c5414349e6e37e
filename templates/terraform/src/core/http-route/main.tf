# The routes of one operation of an HTTP API and what answers them. The stage deploys every change at once, so both wait for the permissions.

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = var.api_id
  integration_type       = var.integration.type
  integration_subtype    = var.integration.subtype
  integration_method     = var.integration.method
  integration_uri        = var.integration.uri
  credentials_arn        = var.integration.credentials_arn
  payload_format_version = var.integration.payload_format_version
  request_parameters     = var.integration.request_parameters
  timeout_milliseconds   = var.integration.timeout_milliseconds
  connection_type        = var.integration.connection_type
  connection_id          = var.integration.connection_id

  # A route must be given its new integration before the old one goes.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [var.permissions]
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:Anybody may call an operation with auth None, which is said in the API's own file.
  api_id               = var.api_id
  route_key            = var.route_key
  operation_name       = var.operation_name
  target               = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type   = var.authorization_type
  authorizer_id        = var.authorizer_id
  authorization_scopes = var.authorization_scopes

  depends_on = [var.permissions]
}

resource "aws_apigatewayv2_route" "more" {
  #checkov:skip=CKV_AWS_309:Anybody may call an operation with auth None, which is said in the API's own file.
  for_each = toset(var.more_route_keys)

  api_id               = var.api_id
  route_key            = each.key
  operation_name       = var.operation_name
  target               = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type   = var.authorization_type
  authorizer_id        = var.authorizer_id
  authorization_scopes = var.authorization_scopes

  depends_on = [var.permissions]
}
