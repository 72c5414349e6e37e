import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface ApiAlarmsProps {
  /** Who is told. @default nobody: the alarms show in CloudWatch */
  readonly topic?: ITopic;
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
  /** Access logs, of which the status 429 is counted: API Gateway has no metric for what it throttles. */
  readonly accessLogs: ILogGroup;
}

/** Alarms of one API: server errors, latency, throttled requests. A throttled function answers as a server error. */
export class ApiAlarms extends Construct {
  constructor(
    scope: Construct,
    private readonly sources: ApiAlarmsSources,
    private readonly props: ApiAlarmsProps,
  ) {
    super(scope, 'Alarms');
    this.alarm('ServerErrors', sources.serverErrors, 1, 'answers with server errors', 1);
    this.alarm(
      'Latency',
      sources.latency,
      5000,
      'takes more than five seconds for 1 % of requests',
      3,
    );
    const throttled = new MetricFilter(this, 'ThrottledRequests', {
      logGroup: sources.accessLogs,
      filterPattern: FilterPattern.stringValue('$.status', '=', '429'),
      metricNamespace: sources.namespace,
      metricName: 'ThrottledRequests',
    }).metric({ statistic: 'Sum', period: Duration.minutes(5) });
    this.alarm('Throttles', throttled, 1, 'throttles requests', 1);
  }

  private alarm(
    id: string,
    metric: IMetric,
    threshold: number,
    what: string,
    evaluationPeriods: number,
  ): void {
    const props: AlarmProps = {
      metric,
      threshold,
      evaluationPeriods,
      alarmDescription: `${this.sources.title} ${what}.`,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
    const alarm = new Alarm(this, id, props);
    if (this.props.topic) alarm.addAlarmAction(new SnsAction(this.props.topic));
  }
}
