locals {
  hosted_zone = one(var.custom_domain[*].hosted_zone)
}

resource "aws_api_gateway_domain_name" "this" {
  count = var.create && var.custom_domain != null ? 1 : 0

  domain_name              = var.custom_domain.domain_name
  regional_certificate_arn = var.custom_domain.certificate_arn
  security_policy          = "TLS_1_2"
  tags                     = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "this" {
  count = var.create && var.custom_domain != null ? 1 : 0

  api_id      = aws_api_gateway_rest_api.this[0].id
  stage_name  = aws_api_gateway_stage.this[0].stage_name
  domain_name = aws_api_gateway_domain_name.this[0].domain_name
  base_path   = var.custom_domain.base_path
}

resource "aws_route53_record" "this" {
  count = var.create && local.hosted_zone != null ? 1 : 0

  zone_id = local.hosted_zone.id
  name    = var.custom_domain.domain_name
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this[0].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this[0].regional_zone_id
    evaluate_target_health = false
  }
}
