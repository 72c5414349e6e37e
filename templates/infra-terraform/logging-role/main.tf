# REST APIs write logs by one role of the account and region. Once for each of these, and only where there is none, since it would replace
# the one that is there; kept for ever, since other APIs come to rely on it.

provider "aws" {
  region = var.region

  # Credentials of another account are refused before anything is planned.
  allowed_account_ids = var.account_id[*]
}

data "aws_partition" "this" {}

resource "aws_iam_role" "api_gateway_logs" {
  name = "api-gateway-logs-${var.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  role       = aws_iam_role.api_gateway_logs.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs.arn

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_iam_role_policy_attachment.api_gateway_logs]
}
