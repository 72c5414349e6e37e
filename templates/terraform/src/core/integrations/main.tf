# What answers each operation: a function of its own, the shared router, or the integration that overrides these.

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  # The id is the region's name with every version of the provider; `name` is deprecated in 6, `region` missing in 5.
  region = data.aws_region.this.id

  api = var.metadata.api

  # Options may hold what is known after an apply alone, such as a table's name. So they are asked for by their keys, here and in the
  # modules of the APIs: `try` and `can` know nothing of a value that is not known as a whole.
  defaults = var.function_defaults
  tuned    = { for key in concat(keys(var.metadata.operations), ["router"]) : key => lookup(var.operations, key, {}) }

  overridden = { for operation, options in var.operations : operation => options if contains(keys(options), "integration") }
  answered   = [for operation in keys(var.metadata.operations) : operation if !contains(keys(local.overridden), operation)]

  is_shared = var.integration_pattern == "shared"

  # The function behind each operation that has a default integration.
  function_of = { for operation in local.answered : operation => local.is_shared ? "router" : operation }
  functions   = toset(values(local.function_of))

  # What the app reads of its environment in AWS, and nothing else.
  parameters = local.api.settings.parameters
  secrets    = local.api.settings.secrets
  settings_services = concat(
    [for service in ["ssm"] : service if length(local.parameters) > 0],
    [for service in ["secretsmanager"] : service if length(local.secrets) > 0],
  )
  settings_statements = [
    for statement in [
      {
        actions   = ["ssm:GetParameters"]
        resources = [for name in local.parameters : "arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${var.settings_path}/${name}"]
        condition = null
      },
      {
        actions = ["secretsmanager:GetSecretValue"]
        # Secrets Manager ends each ARN with a hyphen and six characters:
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
        resources = [for name in local.secrets : "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:${var.settings_path}/${name}-??????"]
        condition = null
      },
      {
        actions   = ["kms:Decrypt"]
        resources = length(local.settings_services) > 0 ? compact([var.settings_kms_key_arn]) : []
        condition = {
          StringEquals = {
            "kms:ViaService" = [for service in local.settings_services : "${service}.${local.region}.${data.aws_partition.this.dns_suffix}"]
          }
        }
      },
    ] : statement if length(statement.resources) > 0
  ]
  settings_environment = { for name in ["SETTINGS_PATH"] : name => var.settings_path if length(local.settings_services) > 0 }

  environment = merge(
    {
      ALLOWED_ORIGINS         = contains(var.allowed_origins, "*") ? "*" : join(",", var.allowed_origins)
      AWS_LAMBDA_EXEC_WRAPPER = "/opt/bootstrap"
      AWS_LWA_INVOKE_MODE     = var.api_type == "REST" ? "response_stream" : "buffered"
      # The port opens once the app has started; asking a route would run it.
      AWS_LWA_READINESS_CHECK_PROTOCOL = "tcp"
      LOG_LEVEL                        = "INFO"
      PORT                             = "8080"
      POWERTOOLS_METRICS_NAMESPACE     = var.metrics_namespace
      POWERTOOLS_SERVICE_NAME          = local.api.service_name
    },
    { for name in ["AWS_LWA_REMOVE_BASE_PATH"] : name => "/${var.base_path}" if var.base_path != "" },
    local.settings_environment,
    # A REST API answers with the function's own headers.
    { for name in ["EXPOSED_HEADERS"] : name => join(",", distinct(var.exposed_headers)) if length(var.exposed_headers) > 0 },
  )

  snap_start_environment = {
    AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH     = "/_lambda/after-restore"
    AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH = "/_lambda/before-checkpoint"
  }

  adapter_layer = join(":", [
    "arn", local.partition, "lambda", local.region, var.adapter_layer_account, "layer",
    "LambdaAdapterLayer${local.api.architecture == "arm64" ? "Arm64" : "X86"}", var.adapter_layer_version,
  ])

  # Defaults come before what one operation asks for; environments and policies add up.
  settings = {
    for key in local.functions : key => merge(local.defaults, local.tuned[key], {
      environment = merge(
        local.environment,
        { for name, path in local.snap_start_environment : name => path if lookup(merge(local.defaults, local.tuned[key]), "snap_start", false) },
        lookup(local.defaults, "environment", {}),
        lookup(local.tuned[key], "environment", {}),
      )
      layers            = concat([local.adapter_layer], lookup(local.defaults, "layers", []), lookup(local.tuned[key], "layers", []))
      policy_statements = concat(lookup(local.defaults, "policy_statements", []), lookup(local.tuned[key], "policy_statements", []))
      policy_arns       = merge(lookup(local.defaults, "policy_arns", {}), lookup(local.tuned[key], "policy_arns", {}))
    })
  }

  # Names and ARNs are put together here, and not read from the functions: so they are known before the first apply, and 300
  # operations do not wait for each other in the graph.
  full_names = { for key in setunion(local.functions, ["authorizer"]) : key => "${var.name}-${replace(key, "_", "-")}" }
  names = {
    for key, name in local.full_names : key =>
    length(name) <= 64 ? name : "${substr(name, 0, 55)}-${substr(sha256(name), 0, 8)}"
  }
  role_names = {
    for key, name in local.full_names : key =>
    length("${name}-${local.region}") <= 64 ? "${name}-${local.region}" : "${substr(name, 0, 55)}-${substr(sha256("${name}-${local.region}"), 0, 8)}"
  }
  arn_prefix = "arn:${local.partition}:lambda:${local.region}:${local.account}:function"

  # A browser sends no credentials with a preflight, whose place an operation on OPTIONS takes.
  auth_of = {
    for operation, route in var.metadata.operations : operation =>
    lookup(local.tuned[operation], "auth", route.method == "OPTIONS" ? "None" : var.auth)
  }
  bundle_folder   = "${dirname(var.bundle_path)}/bundle"
  has_custom_auth = contains(values(local.auth_of), "Custom")

  # How calls get to a new version of each function. The authorizer follows the defaults.
  rollouts = merge(
    { for key in local.functions : key => lookup(local.settings[key], "rollout", null) },
    { for key in ["authorizer"] : key => lookup(local.defaults, "rollout", null) if local.has_custom_auth },
  )

  # SnapStart, provisioned concurrency and rollouts need versions, and so an alias.
  published = [
    for key in local.functions : key
    if lookup(local.settings[key], "snap_start", false) || contains(keys(local.settings[key]), "provisioned_concurrent_executions")
  ]
  aliases = {
    for key, rollout in local.rollouts : key =>
    rollout != null ? ":released" : contains(local.published, key) ? ":live" : ""
  }

  # Where in the API each function may be invoked from: its own route, one with several routes from all, but for the rest of a path
  # and the path without it. IAM's `*` spans slashes.
  invoked_at = merge(
    { router = "${var.stage_name}/*" },
    {
      for operation, route in var.metadata.operations : operation => join("/", [
        var.stage_name,
        length(route.routes) > 1 && (route.method == "ANY" || !endswith(route.gateway_path, "+}")) ? "*" : join("", [
          route.method,
          replace(reverse(concat([route.gateway_path], route.routes[*].gateway_path))[0], "/\\{[^}]+\\}/", "*"),
          length(route.routes) > 1 ? "*" : "",
        ]),
      ])
    },
  )

  # What the API invokes: the alias where there is one.
  invoked = {
    for operation, key in local.function_of : operation => {
      function_arn = "${local.arn_prefix}:${local.names[key]}${local.aliases[key]}"
      timeout      = local.waits[operation]
    }
  }

  made = {
    for key in local.functions : key => {
      function_name  = var.create ? module.function[key].function_name : null
      function_arn   = var.create ? module.function[key].function_arn : null
      target_arn     = var.create ? module.function[key].target_arn : null
      role_name      = var.create ? module.function[key].role_name : null
      role_arn       = var.create ? module.function[key].role_arn : null
      log_group_name = var.create ? module.function[key].log_group_name : null
    }
  }

  # A stream may last as long as Lambda allows; everything else should be over before API Gateway stops waiting.
  streams = {
    for operation in local.answered : local.function_of[operation] => var.api_type == "REST" && var.metadata.operations[operation].streaming...
  }
  answer_timeout = 29
  timeouts       = { for key in local.functions : key => lookup(local.settings[key], "timeout", anytrue(local.streams[key]) ? 900 : local.answer_timeout) }

  # Seconds that API Gateway waits: one longer than an answer may take, and as long as a stream may, within its limits.
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
  # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
  longest_wait = var.api_type == "REST" ? 900 : 30
  stream_waits = { for key in local.functions : key => min(local.timeouts[key], local.longest_wait) }
  answer_waits = { for key in local.functions : key => min(lookup(local.settings[key], "timeout", local.answer_timeout) + 1, local.longest_wait) }
  waits = {
    for operation, key in local.function_of : operation =>
    var.api_type == "REST" && var.metadata.operations[operation].streaming ? local.stream_waits[key] : local.answer_waits[key]
  }

  # The app tells of a request that is about to be given up.
  wait_environment = {
    for key in local.functions : key => merge(
      { INTEGRATION_TIMEOUT_SECONDS = tostring(alltrue(local.streams[key]) ? local.stream_waits[key] : local.answer_waits[key]) },
      {
        for name in ["STREAM_TIMEOUT_SECONDS"] : name => tostring(local.stream_waits[key])
        if anytrue(local.streams[key]) && !alltrue(local.streams[key])
      },
    )
  }

  vpcs               = { for key in local.functions : key => local.settings[key].vpc if contains(keys(local.settings[key]), "vpc") }
  ungrouped_vpcs     = [for vpc in local.vpcs : vpc if !contains(keys(vpc), "security_group_ids")]
  security_group_ids = aws_security_group.this[*].id
  vpc_of = {
    for key, vpc in local.vpcs : key => {
      subnet_ids         = vpc.subnet_ids
      security_group_ids = lookup(vpc, "security_group_ids", local.security_group_ids)
    }
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It belongs to the functions.
  count = var.create && length(local.ungrouped_vpcs) > 0 ? 1 : 0

  name        = "${var.name}-functions"
  description = "Functions of ${local.api.title}: nothing comes in, everything may go out"
  vpc_id      = local.ungrouped_vpcs[0].vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_egress_rule" "this" {
  count = var.create && length(local.ungrouped_vpcs) > 0 ? 1 : 0

  security_group_id = aws_security_group.this[0].id
  description       = "AWS services and whatever the operations call"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
  tags              = var.tags
}

resource "aws_s3_object" "bundle" {
  #checkov:skip=CKV_AWS_186:The bundle holds no secret; the bucket encrypts it with its own key.
  count = var.create && (length(local.functions) > 0 || local.has_custom_auth) ? 1 : 0

  bucket = var.bundle_bucket
  # The content names the object, so equal bundles are one upload, and no function ever sees another's code.
  key    = "${var.name}/${filesha256(var.bundle_path)}.zip"
  source = var.bundle_path

  lifecycle {
    create_before_destroy = true

    # The folder beside the zip has the same content; where it is not, Lambda is the first to miss the authorizer.
    precondition {
      condition     = !local.has_custom_auth || !fileexists("${local.bundle_folder}/run.sh") || fileexists("${local.bundle_folder}/${local.api.module}/authorizer.py")
      error_message = "auth Custom needs ${local.api.module}/authorizer.py, which the bundle lacks: write one with a handler(event, context) that answers with an IAM policy, as `fastapi-lambda \"${local.api.title}\" --auth Custom` does, and run the target bundle."
    }
  }
}

module "function" {
  source   = "../function"
  for_each = var.create ? local.functions : toset([])

  name        = local.names[each.key]
  role_name   = local.role_names[each.key]
  description = each.key == "router" ? "${local.api.title}: all operations" : "${local.api.title}: ${each.key}"
  bundle = {
    bucket = var.bundle_bucket
    key    = aws_s3_object.bundle[0].key
    hash   = filebase64sha256(var.bundle_path)
  }
  runtime                        = local.api.runtime
  architecture                   = local.api.architecture
  layers                         = local.settings[each.key].layers
  memory_size                    = lookup(local.settings[each.key], "memory_size", null)
  timeout                        = local.timeouts[each.key]
  ephemeral_storage_size         = lookup(local.settings[each.key], "ephemeral_storage_size", null)
  reserved_concurrent_executions = lookup(local.settings[each.key], "reserved_concurrent_executions", null)
  environment                    = merge(local.wait_environment[each.key], local.settings[each.key].environment)
  vpc                            = lookup(local.vpc_of, each.key, null)
  snap_start                     = lookup(local.settings[each.key], "snap_start", null)
  policy_statements              = local.settings[each.key].policy_statements
  reads_settings                 = length(local.settings_services) > 0
  settings_statements            = local.settings_statements
  policy_arns                    = local.settings[each.key].policy_arns
  permissions_boundary           = var.permissions_boundary
  log_retention_in_days          = lookup(local.settings[each.key], "log_retention_in_days", var.log_retention_in_days)
  keep_logs                      = var.keep_logs
  kms_key_arn                    = var.kms_key_arn
  invoked_from                   = "${var.api_execution_arn}/${local.invoked_at[each.key]}"
  tags                           = var.tags

  rollout                           = local.rollouts[each.key]
  provisioned_concurrent_executions = lookup(local.settings[each.key], "provisioned_concurrent_executions", null)
}

# The authorizer is a plain handler in the same bundle: no web server, so neither the adapter's layer nor its environment.
module "authorizer" {
  source = "../function"
  count  = var.create && local.has_custom_auth ? 1 : 0

  name        = local.names["authorizer"]
  role_name   = local.role_names["authorizer"]
  description = "${local.api.title}: decides who may call"
  bundle = {
    bucket = var.bundle_bucket
    key    = aws_s3_object.bundle[0].key
    hash   = filebase64sha256(var.bundle_path)
  }
  handler      = "${local.api.module}.authorizer.handler"
  runtime      = local.api.runtime
  architecture = local.api.architecture
  memory_size  = 256
  timeout      = 10
  environment = merge(local.settings_environment, {
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = var.metrics_namespace
    POWERTOOLS_SERVICE_NAME      = local.api.service_name
  })
  rollout               = local.rollouts["authorizer"]
  reads_settings        = length(local.settings_services) > 0
  settings_statements   = local.settings_statements
  permissions_boundary  = var.permissions_boundary
  log_retention_in_days = var.log_retention_in_days
  keep_logs             = var.keep_logs
  kms_key_arn           = var.kms_key_arn
  invoked_from          = "${var.api_execution_arn}/authorizers/*"
  tags                  = var.tags
}

# An override may name a function of somebody else's: the API needs its permission as well.
resource "aws_lambda_permission" "override" {
  for_each = { for operation, options in local.overridden : operation => options if var.create && contains(keys(options.integration), "function_arn") }

  statement_id_prefix = "api-gateway-"
  action              = "lambda:InvokeFunction"
  function_name       = each.value.integration.function_arn
  principal           = "apigateway.amazonaws.com"
  source_arn          = "${var.api_execution_arn}/${local.invoked_at[each.key]}"

  lifecycle {
    create_before_destroy = true
  }
}
