locals {
  alarms = {
    server-errors = {
      description = "answers with server errors"
      namespace   = "AWS/ApiGateway"
      metric      = "5xx"
      statistic   = "Sum"
      threshold   = var.alarm_thresholds.server_errors
      periods     = 1
      dimensions  = local.alarm_dimensions
    }
    latency = {
      description = "takes more than ${var.alarm_thresholds.latency_milliseconds / 1000} seconds for 1 % of requests"
      namespace   = "AWS/ApiGateway"
      metric      = "Latency"
      statistic   = "p99"
      threshold   = var.alarm_thresholds.latency_milliseconds
      periods     = 3
      dimensions  = local.alarm_dimensions
    }
    throttles = {
      description = "throttles requests"
      namespace   = var.metrics_namespace
      metric      = "ThrottledRequests"
      statistic   = "Sum"
      threshold   = var.alarm_thresholds.throttled_requests
      periods     = 1
      dimensions  = {}
    }
  }
  alarm_dimensions = { ApiId = one(aws_apigatewayv2_api.this[*].id) }
}

# API Gateway has no metric for what it throttles, so the status 429 is counted in the access log.
resource "aws_cloudwatch_log_metric_filter" "throttled" {
  count = var.create && (var.alarms || var.dashboard) && var.access_logs ? 1 : 0

  name           = "${var.name}-throttled"
  log_group_name = aws_cloudwatch_log_group.this[0].name
  pattern        = "{ $.status = \"429\" }"

  metric_transformation {
    name      = "ThrottledRequests"
    namespace = var.metrics_namespace
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if var.create && var.alarms && (name != "throttles" || var.access_logs) }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${var.name} ${each.value.description}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  dimensions          = each.value.dimensions
  tags                = var.tags
}
