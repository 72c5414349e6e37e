import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';

/** A domain name of your own for an API. */
export interface ApiDomainProps {
  /** `api.example.com` */
  readonly domainName: string;
  /** Certificate of the domain name, in the API's region. */
  readonly certificate: ICertificate;
  /** Zone that gets records for the domain name. @default none: point the name at the API yourself */
  readonly hostedZone?: IHostedZone;
  /** First part of the paths, without slashes: `orders`. @default none */
  readonly basePath?: string;
}
