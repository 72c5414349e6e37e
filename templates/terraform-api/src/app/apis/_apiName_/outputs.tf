# Besides these, each operation has an output of its own name, see outputs.gen.tf.

output "api" {
  description = "The API: `id`, `url`, `auth`, `execution_arn`, `stage_name`, `dashboard_url`, and `invoke_policy`, the policy document that lets its holder call every operation."
  value       = merge(module.api.api, { auth = var.auth })
}

output "router" {
  description = "The shared function: `function_name`, `function_arn`, `role_name`, `role_arn`, `log_group_name`; null when each operation has its own."
  value       = module.integrations.router
}
