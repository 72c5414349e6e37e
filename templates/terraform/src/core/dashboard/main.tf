# The dashboard's body: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  # `name` is deprecated in the provider's version 6, `region` missing in 5.
  region = data.aws_region.this.id

  # https://docs.aws.amazon.com/general/latest/gr/rande.html
  console = lookup({
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }, data.aws_partition.this.partition, "console.aws.amazon.com")

  # Seconds of a point.
  period = 300

  # A metric of API Gateway, and one of the app.
  gateway_metrics = {
    for name in ["Count", var.errors.client, var.errors.server, "Latency"] : name => concat(["AWS/ApiGateway", name], var.gateway)
  }
  app_metrics = {
    for name in ["RequestCount", "ClientError", "Failure", "ColdStart"] : name => [var.metrics_namespace, name, "service", var.service_name]
  }

  # The ten operations with the highest values. What is searched for is found once it was there in the last two weeks, and is empty
  # where METRICS_BY_ROUTE is off: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
  top_operations = {
    for metric, by in { Latency = { stat = "p95", order = "MAX" }, Failure = { stat = "Sum", order = "SUM" } } : metric => {
      expression = join("", [
        "SORT(REMOVE_EMPTY(SEARCH('{\"${var.metrics_namespace}\",service,method,route} MetricName=\"${metric}\"', ",
        "'${by.stat}', ${local.period})), ${by.order}, DESC, 10)",
      ])
      label = "$${PROP('Dim.method')} $${PROP('Dim.route')}"
    }
  }

  graphs = [
    {
      title = "Requests"
      place = { x = 0, y = 0, width = 8 }
      metrics = [
        concat(local.gateway_metrics["Count"], [{ stat = "SampleCount", label = "at API Gateway" }]),
        concat(local.app_metrics["RequestCount"], [{ stat = "Sum", label = "that reach the app" }]),
      ]
    },
    {
      title = "Errors"
      place = { x = 8, y = 0, width = 8 }
      metrics = [
        concat(local.gateway_metrics[var.errors.client], [{ stat = "Sum", label = "4xx" }]),
        concat(local.gateway_metrics[var.errors.server], [{ stat = "Sum", label = "5xx" }]),
        concat(local.app_metrics["ClientError"], [{ stat = "Sum", label = "4xx of the app" }]),
        concat(local.app_metrics["Failure"], [{ stat = "Sum", label = "failures of the app" }]),
      ]
    },
    {
      title   = "Latency in milliseconds"
      place   = { x = 16, y = 0, width = 8 }
      metrics = [for stat in ["p50", "p95", "p99"] : concat(local.gateway_metrics["Latency"], [{ stat = stat, label = stat }])]
    },
    {
      title   = "Slowest operations: p95 in milliseconds"
      place   = { x = 0, y = 6, width = 12 }
      metrics = [[local.top_operations["Latency"]]]
    },
    {
      title   = "Most failing operations"
      place   = { x = 12, y = 6, width = 12 }
      metrics = [[local.top_operations["Failure"]]]
    },
    {
      title   = "Cold starts"
      place   = { x = 0, y = 12, width = 12 }
      metrics = [concat(local.app_metrics["ColdStart"], [{ stat = "Sum", label = "requests that waited for one" }])]
    },
    {
      title = "Throttled requests"
      place = { x = 12, y = 12, width = 12 }
      metrics = [
        for name in ["ThrottledRequests"] : [var.metrics_namespace, name, { stat = "Sum", label = "answered with 429" }]
        if var.throttled_requests
      ]
    },
  ]

  # A graph has at most 500 metrics and expressions: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
  # A dashboard has at most 2,500 metrics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
  functions_in_graph = 450
  rows               = chunklist(keys(var.functions), local.functions_in_graph)

  # Of each metric of functions: all of them together, and the ten that have most of it.
  function_graphs = flatten([
    for row, names in local.rows : [
      for column, graph in [
        { title = "Function errors", metric = "Errors", stat = "Sum", period = local.period },
        { title = "Function throttles", metric = "Throttles", stat = "Sum", period = local.period },
        { title = "Concurrency", metric = "ConcurrentExecutions", stat = "Maximum", period = 60 },
        ] : {
        title  = length(local.rows) > 1 ? "${graph.title} (${row + 1} of ${length(local.rows)})" : graph.title
        place  = { x = 8 * column, y = 18 + 6 * row, width = 8 }
        period = graph.period
        names  = names
        metric = graph.metric
        stat   = graph.stat
      }
    ]
  ])

  widgets = concat(
    [
      for graph in local.graphs : merge(graph.place, {
        type   = "metric"
        height = 6
        properties = {
          title   = graph.title
          region  = local.region
          view    = "timeSeries"
          period  = local.period
          metrics = graph.metrics
        }
      })
    ],
    [
      for graph in local.function_graphs : merge(graph.place, {
        type   = "metric"
        height = 6
        properties = {
          title  = graph.title
          region = local.region
          view   = "timeSeries"
          period = graph.period
          stat   = graph.stat
          metrics = concat(
            [
              [{ expression = "SUM(METRICS(\"f\"))", label = "all functions" }],
              [{ expression = "SORT(REMOVE_EMPTY(METRICS(\"f\")), SUM, DESC, 10)", label = "" }],
            ],
            [
              # Dots repeat the words before.
              for index, name in graph.names : concat(
                index == 0 ? ["AWS/Lambda", graph.metric, "FunctionName"] : [".", ".", "."],
                [var.functions[name], { id = "f${index}", label = name, visible = false }],
              )
            ],
          )
        }
      })
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-${local.region}"
  dashboard_body = jsonencode({ widgets = local.widgets })
}
