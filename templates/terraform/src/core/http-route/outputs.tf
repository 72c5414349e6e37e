output "route_id" {
  description = "Id of the route."
  value       = aws_apigatewayv2_route.this.id
}
