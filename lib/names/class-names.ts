// Names in TypeScript that a construct of an API, or a variable that holds one, can't have: it would hide another, or be hidden by it.
// __tests__/unit/names.test.ts reads the templates and tells which are missing.

/** What the templates import, declare or take from their surroundings. An API's own classes are its construct `MyApi` and its stack `MyApiStack`. */
export const templateClasses: ReadonlySet<string> = new Set(
  (
    'ARecord AccessLogFormat AccountRecovery Alarm AlarmProps Alias Allowed Annotations AnyIntegration ApiAlarms ApiAlarmsProps ' +
    'ApiAlarmsSources ApiAuth ApiDashboard ApiDashboardSources ApiDefinition ApiDomainProps ApiFunction ApiFunctionOptions ' +
    'ApiFunctions ApiFunctionsProps ApiGatewayDomain ApiGatewayv2DomainProperties ApiHandler ApiMapping ApiMetadata ApiSettings ' +
    'ApiStack ApiStackClass ApiStackProps ApiType App ApplicationChecks ApplicationStage ApplicationStageProps ApplicationUserPool ' +
    'ApplicationUserPoolClient ApplicationUserPoolClientProps ApplicationUserPoolProps Architecture ArnFormat AuthTarget ' +
    'AuthorizationType AwsSolutionsChecks BasePathMapping BuiltIntegrations CfnApi CfnAuthorizer CfnDashboard CfnFunction CfnGroup ' +
    'CfnIntegration CfnLogGroup CfnManagedPolicy CfnMapping CfnMethod CfnOutput CfnPermission CfnPolicy CfnResource CfnRestApi ' +
    'CfnRole CfnRoute CfnStage CfnUser CfnWebACL CfnWebACLAssociation CheckedIntegration CheckedIntegrations CheckedOperationOptions ' +
    'CheckedOptions CheckedOverrides Code CognitoAuthProps ComparisonOperator Construct CorsRule CreateFunctionProps CustomAuthProps ' +
    'CustomResource DefaultIntegration Dependable Deployment DocumentJson DomainName Duration EndpointType Error Exclude ' +
    'FilterPattern Fn Function FunctionIntegration FunctionOptions GatewayApi GatewayApiProps GatewayRoute Grant GraphMetric HttpApi ' +
    'HttpApiConstruct HttpApiOptions HttpApiProps HttpIntegration HttpIntegrations HttpLambdaIntegration HttpMethod HttpOverride ' +
    'HttpOverrideTarget HttpRoute HttpRouteIntegration HttpRouteKey HttpStage IAuthorizer ICertificate IConstruct IDistribution ' +
    'IFunction IGrantable IHostedZone IHttpApi IHttpRouteAuthorizer IKey ILogGroup ILogGroupRef IMetric IPolicyValidationContext ' +
    'IRestApi IRole ISecurityGroup ITopic IUserPool IUserPoolClient IVpc Integration IntegrationBuilder IntegrationBuilderProps ' +
    'IntegrationPattern Integrations Kind KindName LambdaApplication LambdaDeploymentConfig LambdaDeploymentGroup LambdaFunction ' +
    'LambdaIntegration LayerVersion Lazy LogGroup LogGroupLogDestination LogOptions LoggingRoleStack ManagedPolicy Map Math Method ' +
    'MethodLoggingLevel MethodOptions MethodResponse MetricFilter Mfa NagMessageLevel NagRuleCompliance NamedFunction Names ' +
    'NestedStack NonNullable OAuthScope Object Omit Operation OperationMetadata Options Overridden Overrides Parameters Partial ' +
    'Pattern Pick PolicyDocument PolicyStatement PolicyValidationPluginReport Readonly Record RecordTarget Refusal Refused ' +
    'RemovalPolicies RemovalPolicy Resource ResponseTransferMode RestApi RestApiOptions RestApiProps RestIntegration ' +
    'RestIntegrations RestOverride RestOverrideTarget RestWebAcl RetentionDays Role Rollout RolloutTarget Rollouts RouteOptions ' +
    'Runtime Security SecurityGroup SecurityPolicy Sentence ServicePrincipal Set SettingsOptions SharedApiOptions SkeletonOperation ' +
    'SnapStartConf SnsAction SpecRestApi Stack StackProps Stage StageProps State StatementJson Streams String Throttle Tokenization ' +
    'Tracing TreatMissingData Tuned Unknown UserPool UserPoolClient Validations ' +
    'ValidatorOptions Waits WeakMap'
  ).split(' '),
);

/** Globals of ECMAScript, TypeScript and Node.js. */
export const globalClasses: ReadonlySet<string> = new Set(
  (
    'Array ArrayBuffer Atomics Awaited BigInt Blob Boolean Buffer Capitalize DataView Date Error EvalError Event Exclude Extract File ' +
    'Function Generator Headers Infinity InstanceType Intl Iterator JSON Lowercase Map Math NaN NonNullable Number Object Omit ' +
    'Parameters Partial Performance Pick Promise Proxy RangeError Readonly Record ReferenceError Reflect RegExp Request Required ' +
    'Response ReturnType Set String Symbol SyntaxError TypeError Uncapitalize Uppercase WeakMap WeakRef WeakSet'
  ).split(' '),
);

/** Variables of the templates that name an API's construct. */
export const templateVariables: ReadonlySet<string> = new Set(
  'apiStacks app auth authProps authorize id meta metadata props readFileSync role scope setOnce shared stackId userPool'.split(' '),
);

/** Words of TypeScript that can't be a variable's name everywhere. */
export const typescriptWords: ReadonlySet<string> = new Set(
  (
    'abstract any arguments as async await bigint boolean break case catch class const constructor continue debugger declare default ' +
    'delete do else enum eval export extends false finally for from function get if implements import in infer instanceof interface ' +
    'is keyof let module namespace never new null number object of package private protected public readonly require return set ' +
    'static string super switch symbol this throw true try type typeof undefined unique unknown var void while with yield'
  ).split(' '),
);
