locals {
  hosted_zone = one(var.custom_domain[*].hosted_zone)
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = var.create && var.custom_domain != null ? 1 : 0

  domain_name = var.custom_domain.domain_name
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = var.custom_domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = var.create && var.custom_domain != null ? 1 : 0

  api_id          = aws_apigatewayv2_api.this[0].id
  stage           = aws_apigatewayv2_stage.this[0].id
  domain_name     = aws_apigatewayv2_domain_name.this[0].id
  api_mapping_key = var.custom_domain.base_path
}

resource "aws_route53_record" "this" {
  count = var.create && local.hosted_zone != null ? 1 : 0

  zone_id = local.hosted_zone.id
  name    = var.custom_domain.domain_name
  type    = "A"

  alias {
    name                   = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
