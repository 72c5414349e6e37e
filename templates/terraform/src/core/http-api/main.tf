# An HTTP API with a route for each operation. It answers preflights, and adds CORS headers to every response, by itself. It answers
# whole, so that a stream arrives at its end.

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  # `name` is deprecated in the provider's version 6, `region` missing in 5.
  region = data.aws_region.this.id

  gateway_arn = "arn:${local.partition}:apigateway:${local.region}"
  stage_name  = "$default"

  # HTTP APIs have one name for each header, whatever its case.
  usual_headers = [
    "authorization", "content-type", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amzn-trace-id", "x-api-key", "x-correlation-id",
  ]
  usual_exposed_headers = ["apigw-requestid", "x-amzn-requestid", "x-amzn-trace-id", "x-correlation-id"]

  allowed_headers = distinct([for name in concat(local.usual_headers, var.declared.request_headers, var.allowed_headers) : lower(name)])
  exposed_headers = distinct([for name in concat(local.usual_exposed_headers, var.declared.response_headers, var.exposed_headers) : lower(name)])

  # Two hours, which is as long as Chromium keeps the answer to a preflight.
  preflight_max_age = 7200

  # The app's own rule, else that of the origins.
  cors = var.cors != null ? var.cors : {
    origins         = contains(var.allowed_origins, "*") ? ["*"] : var.allowed_origins
    origin_regex    = ""
    methods         = ["*"]
    headers         = local.allowed_headers
    credentials     = false
    exposed_headers = local.exposed_headers
    max_age         = local.preflight_max_age
  }

  # An operation that shares another's route has none.
  routed = toset([for name, operation in var.operations : name if length(operation.routes) > 0])

  route_keys = { for name, operation in var.operations : name => [for route in operation.routes : "${route.method} ${route.gateway_path}"] }
  throttled = merge([
    for name, operation in var.operations : { for key in local.route_keys[name] : key => operation.throttling }
    if contains(keys(operation), "throttling")
  ]...)
}

resource "aws_apigatewayv2_api" "this" {
  count = var.create ? 1 : 0

  name                         = var.name
  description                  = "${var.skeleton.info.title} (${var.environment}), made by Terraform from its OpenAPI document"
  version                      = var.skeleton.info.version
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.disable_default_endpoint
  tags                         = var.tags

  cors_configuration {
    allow_credentials = local.cors.credentials

    # A star covers neither Authorization nor any header of a page that sends credentials.
    allow_headers = distinct([for name in concat(local.cors.headers, contains(local.cors.headers, "*") ? local.allowed_headers : []) : lower(name)])
    allow_methods = local.cors.methods
    # The star does not go with credentials.
    allow_origins  = contains(local.cors.origins, "*") && local.cors.credentials ? ["https://*", "http://*"] : local.cors.origins
    expose_headers = [for name in local.cors.exposed_headers : lower(name)]
    max_age        = local.cors.max_age
  }

  lifecycle {
    precondition {
      condition     = length(local.problems) == 0
      error_message = join("\n", local.problems)
    }
  }
}

module "route" {
  source   = "../http-route"
  for_each = var.create ? local.routed : toset([])

  api_id               = aws_apigatewayv2_api.this[0].id
  route_key            = local.route_keys[each.key][0]
  more_route_keys      = slice(local.route_keys[each.key], 1, length(local.route_keys[each.key]))
  operation_name       = length(each.key) <= 64 ? each.key : "${substr(each.key, 0, 55)}-${substr(sha256(each.key), 0, 8)}"
  authorization_type   = local.authorization_type_of[var.operations[each.key].auth]
  authorizer_id        = lookup(local.authorizer_ids, var.operations[each.key].auth, null)
  authorization_scopes = var.operations[each.key].auth == "Cognito" ? var.cognito.scopes : []
  integration          = local.integrations[each.key]
  permissions          = var.permissions
}

resource "aws_apigatewayv2_stage" "this" {
  count = var.create ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = local.stage_name
  auto_deploy = true
  tags        = var.tags

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.this

    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log_line
    }
  }

  dynamic "default_route_settings" {
    for_each = var.throttling != null || var.detailed_metrics ? [var.throttling] : []

    content {
      detailed_metrics_enabled = var.detailed_metrics
      throttling_rate_limit    = one(default_route_settings.value[*].rate_limit)
      throttling_burst_limit   = one(default_route_settings.value[*].burst_limit)
    }
  }

  dynamic "route_settings" {
    for_each = local.throttled

    content {
      route_key              = route_settings.key
      throttling_rate_limit  = route_settings.value.rate_limit
      throttling_burst_limit = route_settings.value.burst_limit
    }
  }

  # The first deployment has every route, and settings name routes that exist.
  depends_on = [module.route]
}
