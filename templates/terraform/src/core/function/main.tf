# One Lambda function with what belongs to it alone: its role, its log group, and the API's permission to invoke it.

locals {
  # SnapStart, provisioned concurrency and rollouts exist for versions alone.
  rolls_out = var.rollout != null
  publishes = var.snap_start || var.provisioned_concurrent_executions != null || local.rolls_out

  # API Gateway invokes the alias when there is one, so the permission has to stand on it.
  alias = one(concat(aws_lambda_alias.this[*].name, aws_lambda_alias.released[*].name))

  write_logs = {
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  # Neither X-Ray's actions nor those on network interfaces can be limited to resources before these exist.
  write_traces = {
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = "*"
  }

  use_vpc = {
    Effect = "Allow"
    Action = [
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignPrivateIpAddresses",
    ]
    Resource = "*"
  }

  given_statements = {
    for policy, statements in { function = var.policy_statements, settings = var.settings_statements } : policy => [
      for statement in statements : {
        for key, value in {
          Sid       = statement.sid
          Effect    = statement.effect
          Action    = statement.actions
          Resource  = statement.resources
          Condition = statement.condition
        } : key => value if value != null
      }
    ]
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:Logs are encrypted with AWS's key unless kms_key_arn names another.
  #checkov:skip=CKV_AWS_338:The retention is the caller's to choose; it is a year by default.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_in_days
  skip_destroy      = var.keep_logs
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  #checkov:skip=CKV_AWS_290:Lambda's actions on network interfaces cannot be limited to resources that do not exist yet.
  #checkov:skip=CKV_AWS_355:X-Ray and Lambda's actions on network interfaces know no resources.
  name = "function"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.write_logs, local.write_traces],
      var.vpc == null ? [] : [local.use_vpc],
      local.given_statements.function,
    )
  })
}

# A policy of its own, which the first plan shows whole: the other one waits for the log group's ARN.
resource "aws_iam_role_policy" "settings" {
  count = var.reads_settings ? 1 : 0

  name = "settings"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.given_statements.settings
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:Tracing is active below.
  #checkov:skip=CKV_AWS_115:Reserved concurrency takes from the account's pool, so it is the caller's choice.
  #checkov:skip=CKV_AWS_116:API Gateway waits for the answer; a dead letter queue serves asynchronous invocations alone.
  #checkov:skip=CKV_AWS_117:A VPC is the caller's choice; an API without private resources is slower and dearer in one.
  #checkov:skip=CKV_AWS_173:Environment variables hold no secret; kms_key_arn encrypts them with a key of one's own.
  #checkov:skip=CKV_AWS_272:Code signing needs a signing profile of the account.
  function_name                  = var.name
  description                    = var.description
  role                           = aws_iam_role.this.arn
  s3_bucket                      = var.bundle.bucket
  s3_key                         = var.bundle.key
  source_code_hash               = var.bundle.hash
  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = [var.architecture]
  layers                         = var.layers
  memory_size                    = var.memory_size
  timeout                        = var.timeout
  reserved_concurrent_executions = var.reserved_concurrent_executions
  kms_key_arn                    = var.kms_key_arn
  publish                        = local.publishes
  tags                           = var.tags

  environment {
    variables = var.environment
  }

  ephemeral_storage {
    size = var.ephemeral_storage_size
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  # Without the log group Lambda makes one that keeps logs for ever; without the policies the first start, which a snapshot is taken
  # of, can neither reach the VPC nor read settings.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_iam_role_policy.settings]
}

resource "aws_lambda_alias" "this" {
  count = local.publishes && !local.rolls_out ? 1 : 0

  name             = "live"
  description      = "The version that the API invokes."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    create_before_destroy = true
  }
}

# The first version is released when it is made, every other one by the target `rollout`: an apply leaves this alias where it is. It has
# a name of its own, since the API invokes the one above until it has moved to this.
resource "aws_lambda_alias" "released" {
  count = local.rolls_out ? 1 : 0

  name             = "released"
  description      = "The version that the API invokes."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description, function_version, routing_config]
  }
}

resource "aws_lambda_provisioned_concurrency_config" "this" {
  count = var.provisioned_concurrent_executions == null ? 0 : 1

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = local.alias
  provisioned_concurrent_executions = var.provisioned_concurrent_executions
}

resource "aws_lambda_permission" "this" {
  # A prefix, since a permission is made before the one that it replaces goes.
  statement_id_prefix = "api-gateway-"
  action              = "lambda:InvokeFunction"
  function_name       = aws_lambda_function.this.function_name
  qualifier           = local.alias
  principal           = "apigateway.amazonaws.com"
  source_arn          = var.invoked_from

  # A stage that still sends requests to this function must be moved before the permission goes.
  lifecycle {
    create_before_destroy = true
  }
}
