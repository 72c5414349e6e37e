locals {
  execution_arn = one(aws_api_gateway_rest_api.this[*].execution_arn)
  default_url   = one(aws_api_gateway_stage.this[*].invoke_url)
  domain_url    = var.custom_domain == null ? null : join("/", compact(["https://${var.custom_domain.domain_name}", local.base_path]))
  base_path     = var.custom_domain == null ? "" : join("", compact([var.custom_domain.base_path]))

  # IAM's `*` spans slashes: the grant on `/items/{item_id}` covers what lies below it, too.
  granted = {
    for name, operation in var.operations : name => [
      for path in distinct(concat([operation.gateway_path], operation.routes[*].gateway_path)) :
      "${operation.method == "ANY" ? "*" : operation.method}${replace(path, "/\\{[^}]+\\}/", "*")}"
    ]
  }
}

output "api_type" {
  description = "REST, which decides how responses travel."
  value       = "REST"
}

output "stage_name" {
  description = "Name of the stage, for permissions to invoke functions."
  value       = local.stage_name
}

output "base_path" {
  description = "Path below the custom domain."
  value       = local.base_path
}

output "execution_arn" {
  description = "Execution ARN, for permissions to invoke functions."
  value       = local.execution_arn
}

output "api" {
  description = "What users of the API may refer to."
  value = {
    id            = one(aws_api_gateway_rest_api.this[*].id)
    url           = local.domain_url == null ? local.default_url : local.domain_url
    execution_arn = local.execution_arn
    stage_name    = local.stage_name
    stage_arn     = one(aws_api_gateway_stage.this[*].arn)
    rollout = {
      # Throttled requests tell of callers: one client above the limit must not stop every rollout.
      alarms    = [for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name if name != "throttles"]
      functions = var.create ? var.rollouts : {}
    }
    domain_target = one(aws_api_gateway_domain_name.this[*].regional_domain_name)
    dashboard_url = one(module.dashboard[*].url)
    invoke_policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "execute-api:Invoke", Resource = "${coalesce(local.execution_arn, "none")}/${local.stage_name}/*" }]
    })
  }
}

output "grants" {
  description = "By operation: the ARN that stands for calls of it, and the policy document that allows them."
  value = {
    for name, paths in local.granted : name => {
      invoke_arn = "${coalesce(local.execution_arn, "none")}/${local.stage_name}/${paths[0]}"
      invoke_policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "execute-api:Invoke", Resource = [for path in paths : "${coalesce(local.execution_arn, "none")}/${local.stage_name}/${path}"] }]
      })
    }
  }
}
