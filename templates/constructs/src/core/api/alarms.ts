import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface ApiAlarmsProps {
  /** Who is told of an alarm and of its end. @default nobody: the alarms show in CloudWatch */
  readonly topic?: ITopic;
  /** Answers of 500 and above in five minutes. @default 1 */
  readonly serverErrors?: number;
  /** What 99 % of requests take at most, streams aside, for a quarter of an hour. @default Duration.seconds(5) */
  readonly latency?: Duration;
  /** Requests that are refused for their number, in five minutes. @default 1 */
  readonly throttledRequests?: number;
}

export interface ApiAlarmsSources {
  /** Name of the API in the alarms' descriptions. */
  readonly title: string;
  /** Namespace of the API's own metrics. */
  readonly namespace: string;
  /** Sum of answers of 500 and above, in five minutes. */
  readonly serverErrors: IMetric;
  /** 99th percentile of the latency in milliseconds, in five minutes. */
  readonly latency: IMetric;
  /** Routes whose answers last as long as they have something to say: `POST /stream`. */
  readonly streams: readonly string[];
  /** Start of the alarms' names, where something refers to them by their names. @default CloudFormation's own names */
  readonly namePrefix?: string;
  /** Requests that were refused for their number, counted in the access log. */
  readonly throttledRequests: MetricFilter;
  /** Access logs, of which latencies are read where there are streams. */
  readonly accessLogs: ILogGroup;
}

/** CloudWatch's limit of a filter's pattern: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
const longestPattern = 1024;

/** Alarms of one API: server errors, latency, throttled requests. A throttled function answers as a server error. */
export class ApiAlarms extends Construct {
  /**
   * Names of the alarms that tell of bad code, where they begin with a prefix. Throttled requests tell of callers: one client above
   * the limit must not stop every deployment.
   */
  readonly brakes: string[] = [];

  constructor(
    scope: Construct,
    private readonly sources: ApiAlarmsSources,
    private readonly props: ApiAlarmsProps,
  ) {
    super(scope, 'Alarms');
    const latency = props.latency ?? Duration.seconds(5);
    this.alarm(
      'ServerErrors',
      sources.serverErrors,
      props.serverErrors ?? 1,
      'answers with server errors',
      1,
    );
    this.alarm(
      'Latency',
      this.latencyWithoutStreams(),
      latency.toMilliseconds(),
      `takes more than ${latency.toSeconds({ integral: false })} seconds for 1 % of requests`,
      3,
    );
    this.alarm(
      'Throttles',
      sources.throttledRequests.metric({ statistic: 'Sum', period: Duration.minutes(5) }),
      props.throttledRequests ?? 1,
      'throttles requests',
      1,
    );
  }

  /**
   * API Gateway's own metric counts a stream until its end. Where there are streams, the latency of the others is read from the access
   * log. Of a filter's metric there are percentiles: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
   */
  private latencyWithoutStreams(): IMetric {
    const { streams, latency } = this.sources;
    const others = ['$.responseLatency >= 0', ...streams.map((route) => `$.route != "${route}"`)];
    const pattern = `{ ${others.map((condition) => `(${condition})`).join(' && ')} }`;
    if (streams.length === 0 || pattern.length > longestPattern) return latency;
    const logged = new MetricFilter(this, 'LoggedLatency', {
      logGroup: this.sources.accessLogs,
      filterPattern: FilterPattern.literal(pattern),
      metricNamespace: this.sources.namespace,
      metricName: 'Latency',
      metricValue: '$.responseLatency',
    });
    return logged.metric({ statistic: 'p99', period: Duration.minutes(5) });
  }

  private alarm(
    id: string,
    metric: IMetric,
    threshold: number,
    what: string,
    evaluationPeriods: number,
  ): void {
    const { namePrefix } = this.sources;
    const alarmName = namePrefix && `${namePrefix}-${id.replace(/\B[A-Z]/g, '-$&').toLowerCase()}`;
    if (alarmName && id !== 'Throttles') this.brakes.push(alarmName);
    const alarm = new Alarm(this, id, {
      ...(alarmName && { alarmName }),
      metric,
      threshold,
      evaluationPeriods,
      alarmDescription: `${this.sources.title} ${what}.`,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const { topic } = this.props;
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }
}
