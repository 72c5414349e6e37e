import type { Request } from '../../lib/model/model.ts';

/** What a run is asked for that makes an API with the defaults. */
export const apiRequest = (name: string, iacProvider: 'CDK' | 'Terraform' | 'Inherit' = 'Inherit'): Request => ({
  kind: 'api',
  answers: {
    name,
    computeType: 'ServerlessApiGatewayRestApi',
    integrationPattern: 'isolated',
    auth: 'IAM',
    directory: 'packages',
    iacProvider,
  },
});
