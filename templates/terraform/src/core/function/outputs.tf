output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function, without version or alias."
  value       = aws_lambda_function.this.arn
}

output "target_arn" {
  description = "ARN of what callers invoke: the function's alias where it publishes versions, else the function."
  value       = join(":", compact([aws_lambda_function.this.arn, local.alias]))
}

output "role_name" {
  description = "Name of the function's role, for `aws_iam_role_policy` and the like."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of the function's role, for policies of other resources."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "permission_id" {
  description = "Id of the API's permission to invoke the function, for what has to wait for it."
  value       = aws_lambda_permission.this.id
}
