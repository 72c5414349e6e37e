import { createRequire } from 'node:module';
import { type Json, onlyResource, type Synthesized, text } from './cdk-scenarios.ts';

/** Metrics that the app writes, by the dimensions of each: the runtime's tests compare them with its documents. */
const own: Record<string, string[]> = createRequire(import.meta.url)('./own-metrics.json');

/**
 * Metrics of AWS, by namespace and dimensions.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
const ofAws: Record<string, string[]> = {
  'AWS/ApiGateway ApiName,Stage': ['4XXError', '5XXError', 'Count', 'Latency', 'IntegrationLatency'],
  'AWS/ApiGateway ApiId': ['4xx', '5xx', 'Count', 'Latency', 'IntegrationLatency', 'DataProcessed'],
  'AWS/Lambda FunctionName': ['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'],
};

/** Body of the only dashboard of a template, CloudFormation's functions as text. */
export const bodyOfTemplate = (synthesized: Synthesized): Json =>
  JSON.parse(text(onlyResource(synthesized, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody));

/** Name and body of a dashboard with what differs between the flavours, and nothing else, made alike. */
export const alike = (body: Json): Json => ({
  ...body,
  widgets: body.widgets.map((widget: Json) => ({
    ...widget,
    properties: {
      ...widget.properties,
      region: 'here',
      metrics: spelledOut(widget.properties.metrics).map((metric: Json[]) =>
        metric.map((part, index) => {
          const name = metric[index - 1];
          if (name === 'FunctionName') return 'function';
          if (name === 'ApiName' || name === 'ApiId') return 'api';
          if (name === 'Stage') return 'stage';
          if (name === 'service') return 'service';
          return typeof part === 'string' ? part.replace(namespace, 'namespace') : withoutNamespace(part);
        }),
      ),
    },
  })),
});
const namespace = /one-(rest|http)-api-[\w${}:-]+|my-api-[\w-]+/;
const withoutNamespace = (part: Json): Json =>
  part.expression ? { ...part, expression: part.expression.replace(/"[^"]+",service/, '"namespace",service') } : part;

/** Metrics without the dots that repeat what the one before has in their place. */
function spelledOut(metrics: Json[][]): Json[][] {
  const whole: Json[][] = [];
  for (const metric of metrics) whole.push(metric.map((part, index) => (part === '.' ? whole.at(-1)?.[index] : part)));
  return whole;
}

interface Shown {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** Every metric of a body, also of its searches. */
export function metricsOf(body: Json): Shown[] {
  return body.widgets.flatMap(({ properties }: Json) =>
    spelledOut(properties.metrics).flatMap((metric: Json[]): Shown[] => {
      const [first] = metric;
      if (typeof first === 'object') {
        return [...first.expression.matchAll(/SEARCH\('\{"([^"]+)",([\w,]+)\} MetricName="(\w+)"', '\w+', \d+\)/g)].map(
          ([, namespace, dimensions, name]) => ({
            namespace,
            name,
            dimensions: Object.fromEntries(dimensions.split(',').map((dimension: string) => [dimension, '*'])),
          }),
        );
      }
      const words = metric.filter((part) => typeof part === 'string') as string[];
      const pairs = words.slice(2);
      const names = pairs.filter((_, index) => index % 2 === 0);
      return [
        {
          namespace: words[0] as string,
          name: words[1] as string,
          dimensions: Object.fromEntries(names.map((name, index) => [name, pairs[2 * index + 1] as string])),
        },
      ];
    }),
  );
}

/**
 * What is wrong with a dashboard: a metric that nobody writes, or more than CloudWatch takes.
 *
 * @param ownNamespace Namespace of the API's own metrics.
 * @param service Name of its service.
 */
export function problemsOf(body: Json, ownNamespace: string, service: string): string[] {
  const metrics = metricsOf(body);
  const problems = metrics.flatMap(({ namespace, name, dimensions }) => {
    const key = Object.keys(dimensions).sort().join();
    if (namespace !== ownNamespace)
      return ofAws[`${namespace} ${key}`]?.includes(name) ? [] : [`nobody writes ${namespace} ${name} by ${key}`];
    // A filter of the access log, without dimensions.
    if (name === 'ThrottledRequests' && key === '') return [];
    if (!own[key]?.includes(name)) return [`the app does not write ${name} by ${key}`];
    return [service, '*'].includes(dimensions.service as string) ? [] : [`${dimensions.service} is not the service`];
  });
  const { widgets } = body;
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  if (widgets.length > 500) problems.push(`${widgets.length} widgets`);
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
  if (metrics.length > 2500) problems.push(`${metrics.length} metrics`);
  const taken = new Set<string>();
  for (const { type, x, y, width, height, properties } of widgets) {
    const { title, region, view, period, metrics: shown } = properties;
    if (type !== 'metric' || view !== 'timeSeries' || !region || !title || period % 60 !== 0) problems.push(`${title} lacks something`);
    if (shown.length === 0 || shown.length > 500) problems.push(`${title} has ${shown.length} metrics`);
    if (x + width > 24) problems.push(`${title} is beside the grid`);
    for (let column = x; column < x + width; column += 1) {
      for (let row = y; row < y + height; row += 1) {
        if (taken.has(`${column} ${row}`)) problems.push(`${title} lies on another`);
        taken.add(`${column} ${row}`);
      }
    }
    const ids = shown.flatMap((metric: Json[]) => metric.flatMap((part) => part.id ?? []));
    if (new Set(ids).size < ids.length) problems.push(`${title} has an id twice`);
    for (const metric of shown) {
      const { expression } = metric.at(-1);
      if (expression?.length > 1024) problems.push(`${expression} is too long`);
    }
  }
  return [...new Set(problems)];
}
