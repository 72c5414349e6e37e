import { Fn, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { ApiFunction } from './functions.js';
import type { ApiMetadata } from './utils.js';

/** Where the settings that an app names in its Python code stand. They are made by hand, so that no template holds a secret. */
export interface SettingsOptions {
  /**
   * Path that the names of parameters and secrets are below.
   *
   * @default the workspace's scope and the environment: `/my-scope/production`
   */
  readonly settingsPath?: string;
  /**
   * Key of your own that encrypts secrets, or parameters of the type SecureString; its policy has to let IAM decide, as that of
   * a key that CDK makes does.
   *
   * @default AWS's own keys, which need no permission
   */
  readonly settingsKey?: IKey;
}

/**
 * Characters of all policies within a role, and what those for logs and traces take of them at the least:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const policyLimit = 10_240 - 500;

/** The settings of one API in one environment, and who may read them. */
export class ApiSettings {
  private readonly parameters: readonly string[];
  private readonly secrets: readonly string[];

  /** @throws When the path can't be one of Parameter Store, or there are more names than a policy holds. */
  constructor(
    private readonly scope: Construct,
    private readonly path: string,
    { settings = {} }: ApiMetadata['api'],
    private readonly key: IKey | undefined,
  ) {
    this.parameters = settings.parameters ?? [];
    this.secrets = settings.secrets ?? [];
    if (!/^(\/[A-Za-z0-9_.-]+)+$/.test(path)) {
      throw new Error(
        `The settings' path '${path}' has to be like '/my-scope/production': letters, digits and _ . - after each slash.`,
      );
    }
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    if (this.parameters.length > 0 && /^\/(aws|ssm)/i.test(path)) {
      throw new Error(
        `Parameter Store takes no name that begins with aws or ssm, as '${path}' does: give settingsPath another one.`,
      );
    }
    const names = [...this.parameters, ...this.secrets];
    // No partition or region has a shorter name.
    const start = `"arn:aws:ssm:eu-west-1:111111111111:parameter${path}/",`;
    if (names.reduce((sum, name) => sum + start.length + name.length, 0) > policyLimit) {
      throw new Error(
        `The names of ${names.length} settings take more than the 10,240 characters that IAM gives the policies of a role: put several values into one secret, as JSON.`,
      );
    }
  }

  /** Lets a function read what the app names, and nothing else, and tells it where. */
  grantTo({ handler, permit }: Pick<ApiFunction, 'handler' | 'permit'>): void {
    handler.addEnvironment('SETTINGS_PATH', this.path);
    permit(...this.statements());
  }

  private statements(): PolicyStatement[] {
    const { region, urlSuffix } = Stack.of(this.scope);
    const statements: PolicyStatement[] = [];
    const services: string[] = [];
    if (this.parameters.length > 0) {
      services.push(`ssm.${region}.${urlSuffix}`);
      statements.push(
        new PolicyStatement({
          actions: ['ssm:GetParameters'],
          resources: this.parameters.map((name) => this.arn('ssm', 'parameter', name)),
        }),
      );
    }
    if (this.secrets.length > 0) {
      services.push(`secretsmanager.${region}.${urlSuffix}`);
      statements.push(
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          // Secrets Manager ends each ARN with a hyphen and six characters:
          // https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
          resources: this.secrets.map((name) =>
            this.arn('secretsmanager', 'secret', name, '-??????'),
          ),
        }),
      );
    }
    if (this.key) {
      statements.push(
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [this.key.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': services } },
        }),
      );
    }
    return statements;
  }

  /**
   * A parameter's ARN has the slash that its name begins with once, a secret's after the colon. In one piece, half as long as what
   * CDK joins of parts: every function's role has all of them, and a template holds a megabyte.
   */
  private arn(service: 'ssm' | 'secretsmanager', resource: string, name: string, end = ''): string {
    const separator = service === 'ssm' ? '' : ':';
    return Fn.sub(
      `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}${separator}${this.path}/${name}${end}`,
    );
  }
}
