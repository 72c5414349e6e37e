output "arn" {
  description = "ARN of the pool."
  value       = aws_cognito_user_pool.this.arn
}

output "id" {
  description = "Id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "client_ids" {
  description = "Ids of the pool's clients."
  value       = [aws_cognito_user_pool_client.this.id]
}
