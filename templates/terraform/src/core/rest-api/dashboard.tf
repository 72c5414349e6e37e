module "dashboard" {
  source = "../dashboard"
  count  = var.create && var.dashboard ? 1 : 0

  name               = var.name
  metrics_namespace  = var.metrics_namespace
  service_name       = var.service_name
  gateway            = ["ApiName", var.name, "Stage", local.stage_name]
  errors             = { client = "4XXError", server = "5XXError" }
  functions          = var.functions
  throttled_requests = var.access_logs
}
