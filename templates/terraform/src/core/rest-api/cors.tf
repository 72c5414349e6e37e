locals {
  # `*` would leave out Authorization.
  allowed_headers = [
    "Authorization", "Content-Type", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token", "X-Amzn-Trace-Id", "X-Api-Key", "X-Correlation-Id",
  ]
  exposed_headers = ["X-Amzn-RequestId", "X-Amzn-Trace-Id", "X-Correlation-Id"]

  # Two hours, which is as long as Chromium keeps the answer to a preflight.
  preflight_max_age = 7200

  origins       = contains(var.allowed_origins, "*") ? ["*"] : var.allowed_origins
  lists_origins = length(local.origins) > 1

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
            { for key, template in { responseTemplates = local.origin_template } : key => { "application/json" = template } if local.lists_origins },
          )
        }
      }
    }
  }

  preflight_headers = {
    for path, methods in var.skeleton.paths : path => {
      "Access-Control-Allow-Headers" = join(",", local.allowed_headers)
      "Access-Control-Allow-Methods" = join(",", concat([for method in ["get", "put", "post", "delete", "head", "patch"] : upper(method) if contains(keys(methods), method)], ["OPTIONS"]))
      "Access-Control-Allow-Origin"  = local.origins[0]
      "Access-Control-Max-Age"       = tostring(local.preflight_max_age)
      "Vary"                         = "Origin"
    }
  }

  # Answers with the request's origin where it is one of these, in the Velocity Template Language.
  origin_template = join("\n", [
    "#set($origin = $input.params(\"Origin\"))",
    "#if($origin == \"\") #set($origin = $input.params(\"origin\")) #end",
    "#if(${join(" || ", [for origin in local.origins : "$origin == \"${origin}\""])})",
    "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
    "#end",
  ])

  # What API Gateway answers by itself: refusals of an authorizer, throttling, failures. Without these headers a browser hides the
  # status from the page. A gateway response has no conditions: with several origins it echoes the request's, and shows it nothing
  # but the refusal.
  gateway_response = {
    responseParameters = {
      "gatewayresponse.header.Access-Control-Allow-Headers"  = "'${join(",", local.allowed_headers)}'"
      "gatewayresponse.header.Access-Control-Allow-Origin"   = local.lists_origins ? "method.request.header.Origin" : "'${local.origins[0]}'"
      "gatewayresponse.header.Access-Control-Expose-Headers" = "'${join(",", local.exposed_headers)}'"
      "gatewayresponse.header.Vary"                          = "'Origin'"
    }
  }
  gateway_responses = { DEFAULT_4XX = local.gateway_response, DEFAULT_5XX = local.gateway_response }
}
