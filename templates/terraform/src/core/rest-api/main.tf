# A REST API from one OpenAPI body: routes, integrations, auth, CORS and gateway responses all stand in it (see body.tf). Separate
# resources for any of these would be overwritten by the next import of the body.

locals {
  stage_name = coalesce(var.stage_name, var.environment)

  # Both kinds of logs need the account's role for them.
  execution_logs = var.access_logs ? "ERROR" : "OFF"

  # The first route of an operation has its name.
  throttled = merge([
    for name, operation in var.operations : {
      for index, route in operation.routes :
      index == 0 ? name : "${name} ${route.method} ${route.gateway_path}" => merge(route, { throttling = operation.throttling })
    } if contains(keys(operation), "throttling")
  ]...)
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_api_gateway_rest_api" "this" {
  #checkov:skip=CKV_AWS_237:Replaced in place: the deployment, and not the API, is made before the one it replaces goes.
  count = var.create ? 1 : 0

  name                         = var.name
  description                  = "${var.skeleton.info.title} (${var.environment}), made by Terraform from its OpenAPI document"
  body                         = jsonencode(local.body)
  fail_on_warnings             = true
  disable_execute_api_endpoint = var.disable_default_endpoint
  tags                         = var.tags

  # Response streaming over an edge-optimised endpoint ends after 30 idle seconds, over a regional one after 5 minutes.
  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    precondition {
      condition     = length(local.problems) == 0
      error_message = join("\n", local.problems)
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  count = var.create ? 1 : 0

  rest_api_id = aws_api_gateway_rest_api.this[0].id

  # What clients see is the body: it alone, and not the code or the memory behind it, asks for a new deployment.
  triggers = {
    body = sha256(jsonencode(local.body))
  }

  lifecycle {
    create_before_destroy = true
  }

  # A route must not go live before its function may be invoked, nor a permission end while a route still needs it.
  depends_on = [var.permissions]
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV2_AWS_4:Execution logs are at ERROR; metrics of each method are billed, so they are the caller's choice.
  #checkov:skip=CKV_AWS_120:A cache holds one caller's answer for the next; it suits few APIs and costs by the hour.
  #checkov:skip=CKV2_AWS_29:The web ACL is the caller's choice, see waf.
  #checkov:skip=CKV2_AWS_77:With waf, the known bad inputs hold the rule for Log4j; the check does not see a rule in a dynamic block.
  #checkov:skip=CKV2_AWS_51:Client certificates authenticate API Gateway to HTTP backends; Lambda knows it by its role.
  count = var.create ? 1 : 0

  rest_api_id          = aws_api_gateway_rest_api.this[0].id
  deployment_id        = aws_api_gateway_deployment.this[0].id
  stage_name           = local.stage_name
  xray_tracing_enabled = true
  tags                 = var.tags

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.this

    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log_line
    }
  }

  depends_on = [var.permissions, aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "stage" {
  #checkov:skip=CKV_AWS_225:A cache holds one caller's answer for the next; it suits few APIs.
  #checkov:skip=CKV_AWS_308:There is no cache to encrypt.
  count = var.create ? 1 : 0

  rest_api_id = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.this[0].stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = var.detailed_metrics
    logging_level          = local.execution_logs
    throttling_rate_limit  = var.throttling == null ? -1 : var.throttling.rate_limit
    throttling_burst_limit = var.throttling == null ? -1 : var.throttling.burst_limit
  }
}

resource "aws_api_gateway_method_settings" "operation" {
  #checkov:skip=CKV_AWS_225:A cache holds one caller's answer for the next; it suits few APIs.
  #checkov:skip=CKV_AWS_308:There is no cache to encrypt.
  for_each = var.create ? local.throttled : {}

  rest_api_id = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.this[0].stage_name
  # The provider sends it as it is, and API Gateway wants the slashes of the resource's path as ~1, the root's too:
  # https://github.com/hashicorp/terraform-provider-aws/issues/9738
  method_path = "${replace(each.value.gateway_path, "/", "~1")}/${each.value.method}"

  settings {
    metrics_enabled        = var.detailed_metrics
    logging_level          = local.execution_logs
    throttling_rate_limit  = each.value.throttling.rate_limit
    throttling_burst_limit = each.value.throttling.burst_limit
  }

  depends_on = [aws_api_gateway_method_settings.stage]
}
