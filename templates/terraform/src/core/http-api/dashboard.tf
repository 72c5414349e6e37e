module "dashboard" {
  source = "../dashboard"
  count  = var.create && var.dashboard ? 1 : 0

  name               = var.name
  metrics_namespace  = var.metrics_namespace
  service_name       = var.service_name
  gateway            = ["ApiId", aws_apigatewayv2_api.this[0].id]
  errors             = { client = "4xx", server = "5xx" }
  functions          = var.functions
  throttled_requests = var.access_logs
}
