import { CfnMapping, Fn, Stack, Tokenization } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface ApiDashboardSources {
  /** Namespace of the API's own metrics. */
  readonly namespace: string;
  /** Name of the service, a dimension of them. */
  readonly serviceName: string;
  /** What API Gateway's metrics of the API are told apart by: names and values in turn. */
  readonly gateway: readonly string[];
  /** API Gateway's names of answers from 400 to 499, and of those from 500. */
  readonly errors: { readonly client: string; readonly server: string };
  /** The functions by the names that the graphs show. */
  readonly functions: readonly (readonly [string, IFunction])[];
}

/** What a graph shows a function as, and its name on Lambda. */
type NamedFunction = readonly [string, string];

/** A metric, or an expression of several, as a widget has it. */
type GraphMetric = readonly (string | object)[];

/** Seconds of a point. */
const period = 300;

/**
 * Functions in one graph, which has at most 500 metrics and expressions:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. A dashboard has at most 2,500 metrics:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const functionsInGraph = 450;

/** The console of each partition: https://docs.aws.amazon.com/general/latest/gr/rande.html */
const consoles = {
  aws: { host: 'console.aws.amazon.com' },
  'aws-cn': { host: 'console.amazonaws.cn' },
  'aws-us-gov': { host: 'console.amazonaws-us-gov.com' },
};

/** A CloudWatch dashboard of one API: its requests, its slowest and most failing operations, its functions. */
export class ApiDashboard extends Construct {
  /** Address of the dashboard in AWS's console. */
  readonly url: string;

  constructor(scope: Construct, sources: ApiDashboardSources) {
    super(scope, 'Dashboard');
    const { region, stackName, partition } = Stack.of(this);
    const ids = scope.node.scopes
      .slice(Stack.of(scope).node.scopes.length)
      .map(({ node }) => node.id.replace(/[^A-Za-z0-9_-]/g, '-'));
    const names = sources.functions.map(
      ([label, lambda]) => [label, functionName(lambda)] as const,
    );
    // An account has one list of dashboards for all regions.
    const name = [stackName, ...ids, region].join('-');
    const dashboard = new CfnDashboard(this, 'Resource', {
      dashboardName: name,
      dashboardBody: jsonOf({ widgets: widgets(sources, names, region) }),
    });
    const hosts = new CfnMapping(this, 'Consoles', { mapping: consoles });
    this.url = `https://${region}.${hosts.findInMap(partition, 'host')}/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.ref}`;
  }
}

/**
 * A body as text, in which what CloudFormation fills in stands once, and not once for each of its metrics: with 300 functions it is
 * half of a template else.
 */
function jsonOf(body: object): string {
  const variables = new Map<string, string>();
  const variable = (value: string): string => {
    const known = variables.get(value) ?? `V${variables.size}`;
    variables.set(value, known);
    // Two characters that no text has.
    return `\u{E000}${known}\u{E001}`;
  };
  const json = JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'string' && Tokenization.reverseString(value).tokens.length > 0
      ? variable(value)
      : value,
  );
  const text = json
    .replaceAll('${', '${!')
    .replaceAll('\u{E000}', '${')
    .replaceAll('\u{E001}', '}');
  return Fn.sub(text, Object.fromEntries([...variables].map(([value, name]) => [name, value])));
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function widgets(
  sources: ApiDashboardSources,
  names: readonly NamedFunction[],
  region: string,
): object[] {
  const { namespace, serviceName, gateway, errors } = sources;
  const ofGateway = (name: string, stat: string, label: string): GraphMetric => [
    'AWS/ApiGateway',
    name,
    ...gateway,
    { stat, label },
  ];
  const ofApp = (name: string, label: string): GraphMetric => [
    namespace,
    name,
    'service',
    serviceName,
    { stat: 'Sum', label },
  ];
  const widget = (
    title: string,
    [x, y, width]: readonly [number, number, number],
    metrics: readonly GraphMetric[],
    more: object = {},
  ) => ({
    type: 'metric',
    x,
    y,
    width,
    height: 6,
    properties: { title, region, view: 'timeSeries', period, metrics, ...more },
  });
  const ofFunctions = functionRows(names).flatMap(({ functions, suffix }, row) =>
    [
      { title: 'Function errors', metric: 'Errors', more: { stat: 'Sum' } },
      { title: 'Function throttles', metric: 'Throttles', more: { stat: 'Sum' } },
      {
        title: 'Concurrency',
        metric: 'ConcurrentExecutions',
        more: { stat: 'Maximum', period: 60 },
      },
    ].map(({ title, metric, more }, column) =>
      widget(`${title}${suffix}`, [8 * column, 18 + 6 * row, 8], summed(functions, metric), more),
    ),
  );
  return [
    widget(
      'Requests',
      [0, 0, 8],
      [
        ofGateway('Count', 'SampleCount', 'at API Gateway'),
        ofApp('RequestCount', 'that reach the app'),
      ],
    ),
    widget(
      'Errors',
      [8, 0, 8],
      [
        ofGateway(errors.client, 'Sum', '4xx'),
        ofGateway(errors.server, 'Sum', '5xx'),
        ofApp('ClientError', '4xx of the app'),
        ofApp('Failure', 'failures of the app'),
      ],
    ),
    widget(
      'Latency in milliseconds',
      [16, 0, 8],
      ['p50', 'p95', 'p99'].map((stat) => ofGateway('Latency', stat, stat)),
    ),
    widget(
      'Slowest operations: p95 in milliseconds',
      [0, 6, 12],
      [topOperations(namespace, 'Latency', 'p95', 'MAX')],
    ),
    widget(
      'Most failing operations',
      [12, 6, 12],
      [topOperations(namespace, 'Failure', 'Sum', 'SUM')],
    ),
    widget('Cold starts', [0, 12, 12], [ofApp('ColdStart', 'requests that waited for one')]),
    widget(
      'Throttled requests',
      [12, 12, 12],
      [[namespace, 'ThrottledRequests', { stat: 'Sum', label: 'answered with 429' }]],
    ),
    ...ofFunctions,
  ];
}

/**
 * The ten operations with the highest values. What was searched for is found once it was there in the last two weeks, and is empty
 * where `METRICS_BY_ROUTE` is off: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
const topOperations = (
  namespace: string,
  metric: string,
  stat: string,
  order: 'MAX' | 'SUM',
): GraphMetric => {
  const search = `SEARCH('{"${namespace}",service,method,route} MetricName="${metric}"', '${stat}', ${period})`;
  return [
    {
      expression: `SORT(REMOVE_EMPTY(${search}), ${order}, DESC, 10)`,
      label: ['method', 'route'].map((dimension) => `\${PROP('Dim.${dimension}')}`).join(' '),
    },
  ];
};

/** The functions, in as many rows as there have to be. */
function functionRows(functions: readonly NamedFunction[]) {
  const rows = Math.ceil(functions.length / functionsInGraph);
  return Array.from({ length: rows }, (_, row) => ({
    functions: functions.slice(row * functionsInGraph, (row + 1) * functionsInGraph),
    suffix: rows > 1 ? ` (${row + 1} of ${rows})` : '',
  }));
}

/** A metric of all functions together, and of the ten that have most of it. */
const summed = (functions: readonly NamedFunction[], metric: string): GraphMetric[] => [
  [{ expression: 'SUM(METRICS("f"))', label: 'all functions' }],
  [{ expression: 'SORT(REMOVE_EMPTY(METRICS("f")), SUM, DESC, 10)', label: '' }],
  ...functions.map(([label, name], index) => [
    // Dots repeat the words before.
    ...(index === 0 ? ['AWS/Lambda', metric, 'FunctionName'] : ['.', '.', '.']),
    name,
    { id: `f${index}`, label, visible: false },
  ]),
];

/** From the ARN, which is at hand of an alias too, and which nested stacks put out anyway. */
const functionName = ({ functionArn }: IFunction): string =>
  Fn.select(6, Fn.split(':', functionArn));
