locals {
  # Fewer than one error in a hundred requests, and 99 in 100 answers within 5 seconds, over five minutes.
  alarms = {
    server-errors = {
      description = "More than 1 % of the requests ended in a 5xx"
      metric      = "5XXError"
      statistic   = "Average"
      threshold   = 0.01
    }
    latency = {
      description = "One request in a hundred took longer than 5 s"
      metric      = "Latency"
      statistic   = "p99"
      threshold   = 5000
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if var.create && var.alarms }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/ApiGateway"
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags

  dimensions = {
    ApiName = var.name
    Stage   = var.stage_name
  }
}
