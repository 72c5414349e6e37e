locals {
  # `*` would leave out Authorization.
  usual_headers = [
    "Authorization", "Content-Type", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token", "X-Amzn-Trace-Id", "X-Api-Key", "X-Correlation-Id",
  ]
  usual_exposed_headers = ["Apigw-Requestid", "X-Amzn-RequestId", "X-Amzn-Trace-Id", "X-Correlation-Id"]

  # A name that differs from an earlier one in case alone is the same header.
  allowed_names   = concat(local.usual_headers, var.declared.request_headers, var.allowed_headers)
  exposed_names   = concat(local.usual_exposed_headers, var.declared.response_headers, var.exposed_headers)
  allowed_headers = [for at, name in local.allowed_names : name if index([for other in local.allowed_names : lower(other)], lower(name)) == at]
  exposed_headers = [for at, name in local.exposed_names : name if index([for other in local.exposed_names : lower(other)], lower(name)) == at]

  # Two hours, which is as long as Chromium keeps the answer to a preflight.
  preflight_max_age = 7200

  # The app's own rule, else that of the origins.
  cors = var.cors != null ? var.cors : {
    origins         = contains(var.allowed_origins, "*") ? ["*"] : var.allowed_origins
    origin_regex    = ""
    methods         = []
    headers         = local.allowed_headers
    credentials     = false
    exposed_headers = local.exposed_headers
    max_age         = local.preflight_max_age
  }

  headers = contains(local.cors.headers, "*") ? local.usual_headers : local.cors.headers

  # Whether one constant names every origin that is allowed; else the request's own is answered.
  echoes_every    = contains(local.cors.origins, "*") && local.cors.credentials
  echoes_origin   = local.cors.origin_regex != "" || length(local.cors.origins) > 1 || local.echoes_every
  constant_origin = local.echoes_every || length(local.cors.origins) == 0 ? "none" : local.cors.origins[0]

  # The preflight of each path. It is open: a browser sends no credentials with it.
  preflights = {
    for path, methods in var.skeleton.paths : path => {
      parameters = [
        for parameter in regexall("{(\\w+)\\+?}", path) : { name = parameter[0], in = "path", required = true, schema = { type = "string" } }
      ]
      responses = {
        "204" = {
          description = "Preflight"
          headers     = { for header in keys(local.preflight_headers[path]) : header => { schema = { type = "string" } } }
        }
      }
      "x-amazon-apigateway-integration" = {
        type = "mock"
        # Bodies of binary media types have no template.
        contentHandling     = "CONVERT_TO_TEXT"
        passthroughBehavior = "when_no_match"
        requestTemplates    = { "application/json" = "{\"statusCode\": 204}" }
        responses = {
          default = merge(
            {
              statusCode         = "204"
              responseParameters = { for header, value in local.preflight_headers[path] : "method.response.header.${header}" => "'${value}'" }
            },
            { for key, template in { responseTemplates = local.preflight_template } : key => { "application/json" = template } if template != "" },
          )
        }
      }
    }
  }

  preflight_headers = {
    for path, methods in var.skeleton.paths : path => merge(
      {
        "Access-Control-Allow-Headers" = join(",", local.headers)
        "Access-Control-Allow-Methods" = join(",", var.cors != null ? local.cors.methods : concat([
          for method in ["get", "put", "post", "delete", "head", "patch"] : upper(method) if contains(keys(methods), method)
        ], ["OPTIONS"]))
        "Access-Control-Allow-Origin" = local.constant_origin
        "Access-Control-Max-Age"      = tostring(local.cors.max_age)
        "Vary"                        = "Origin"
      },
      { for name in ["Access-Control-Allow-Credentials"] : name => "true" if local.cors.credentials },
    )
  }

  # Answers with the request's origin where it is allowed, and with the headers it asks for, in the Velocity Template Language.
  allowed_origin_conditions = concat(
    [for origin in local.cors.origins : origin == "*" ? "$origin != \"\"" : "$origin == \"${origin}\""],
    [for regex in [local.cors.origin_regex] : "$origin.matches('${replace(regex, "'", "''")}')" if regex != ""],
  )
  preflight_template = join("\n", concat(
    [
      for line in [
        "#set($origin = $input.params(\"Origin\"))",
        "#if($origin == \"\") #set($origin = $input.params(\"origin\")) #end",
        "#if(${join(" || ", local.allowed_origin_conditions)})",
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
        "#end",
      ] : line if local.echoes_origin
    ],
    [
      for line in [
        "#set($headers = $input.params(\"Access-Control-Request-Headers\"))",
        "#if($headers == \"\") #set($headers = $input.params(\"access-control-request-headers\")) #end",
        "#if($headers != \"\") #set($context.responseOverride.header.Access-Control-Allow-Headers = $headers) #end",
      ] : line if contains(local.cors.headers, "*")
    ],
  ))

  # What API Gateway answers by itself: refusals of an authorizer, throttling, failures. Without these headers a browser hides the
  # status from the page. A gateway response has no conditions: with several origins it echoes the request's, and shows it nothing
  # but the refusal.
  gateway_response = {
    responseParameters = merge(
      {
        "gatewayresponse.header.Access-Control-Allow-Headers" = "'${join(",", local.headers)}'"
        "gatewayresponse.header.Access-Control-Allow-Origin"  = local.echoes_origin ? "method.request.header.Origin" : "'${local.constant_origin}'"
        "gatewayresponse.header.Vary"                         = "'Origin'"
      },
      {
        for name in ["gatewayresponse.header.Access-Control-Expose-Headers"] : name => "'${join(",", local.cors.exposed_headers)}'"
        if length(local.cors.exposed_headers) > 0
      },
      { for name in ["gatewayresponse.header.Access-Control-Allow-Credentials"] : name => "'true'" if local.cors.credentials },
    )
  }
  gateway_responses = merge({ DEFAULT_4XX = local.gateway_response, DEFAULT_5XX = local.gateway_response }, local.unknown_paths)

  # API Gateway calls a path or method that it does not know a missing authentication token, as it does a request without a signature
  # where IAM asks for one: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
  # Where nothing asks for one, an unknown path is the only cause, and the answer is FastAPI's own. A token in Authorization is read as
  # a signature there, and a wrong one: https://github.com/aws/chalice/issues/828. AWS does not say which of the types that answer
  # has; where it is none of its own, it stays 403, since another status of DEFAULT_4XX would be that of every refusal.
  asks_for_signatures = contains([for operation in values(var.operations) : operation.auth], "IAM")
  unknown_paths = {
    for type in local.asks_for_signatures ? ["MISSING_AUTHENTICATION_TOKEN"] : ["MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE"] :
    type => merge(local.gateway_response, {
      statusCode        = local.asks_for_signatures ? "403" : "404"
      responseTemplates = { "application/json" = jsonencode({ detail = local.asks_for_signatures ? local.unsigned : "Not Found" }) }
    })
  }
  unsigned = "There is no such path and method, or the request is not signed (AWS Signature Version 4)."
}
