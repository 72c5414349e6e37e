locals {
  # One JSON object a request; most numbers are text, since `-` stands for what a request lacks.
  access_log_format = {
    requestId          = "$context.requestId"
    requestTime        = "$context.requestTime"
    ip                 = "$context.identity.sourceIp"
    userAgent          = "$context.identity.userAgent"
    caller             = "$context.identity.caller"
    user               = "$context.identity.user"
    method             = "$context.httpMethod"
    path               = "$context.path"
    protocol           = "$context.protocol"
    status             = "$context.status"
    responseLength     = "$context.responseLength"
    errorType          = "$context.error.responseType"
    errorMessage       = "$context.error.message"
    authorizerError    = "$context.authorizer.error"
    integrationStatus  = "$context.integration.status"
    integrationError   = "$context.integration.error"
    integrationLatency = "$context.integration.latency"
    route              = "$context.httpMethod $context.resourcePath"
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    timeToFirstContent = "$context.integration.timeToFirstContent"
  }

  # With the latency as a number, which every request has and filters read.
  access_log_line = replace(jsonencode(local.access_log_format), "/}$/", ",\"responseLatency\":$$context.responseLatency}")
}

# API Gateway names the group of its execution logs itself: made here, it has a retention and goes with the API, with the errors that it
# tells. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
resource "aws_cloudwatch_log_group" "execution" {
  #checkov:skip=CKV_AWS_158:Logs are encrypted with AWS's key unless kms_key_arn names another.
  #checkov:skip=CKV_AWS_338:The retention is the caller's to choose; it is a year by default.
  count = var.create && var.access_logs ? 1 : 0

  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this[0].id}/${local.stage_name}"
  retention_in_days = var.log_retention_in_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:Logs are encrypted with AWS's key unless kms_key_arn names another.
  #checkov:skip=CKV_AWS_338:The retention is the caller's to choose; it is a year by default.
  count = var.create && var.access_logs ? 1 : 0

  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_in_days
  skip_destroy      = var.keep_logs
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
