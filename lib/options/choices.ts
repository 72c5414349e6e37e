export const computeTypes = ['ServerlessApiGatewayRestApi', 'ServerlessApiGatewayHttpApi'] as const;
export type ComputeType = (typeof computeTypes)[number];

export const integrationPatterns = ['isolated', 'shared'] as const;
export type IntegrationPattern = (typeof integrationPatterns)[number];

export const authMethods = ['IAM', 'Cognito', 'Custom', 'None'] as const;
export type Auth = (typeof authMethods)[number];

export const ciServices = ['None', 'GitHub'] as const;
export type CiService = (typeof ciServices)[number];

export const iacProviders = ['CDK', 'Terraform'] as const;
export type IacProvider = (typeof iacProviders)[number];
