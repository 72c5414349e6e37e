import { AwsV4Signer } from 'aws4fetch';
import type { Credentials } from './auth';

/** The request with its SigV4 signature. The signature covers the body, which is held in memory for it. */
export async function sign(
  request: Request,
  region: string,
  credentials: Credentials,
): Promise<Request> {
  const { method, url, headers } = request;
  // One of the caller's would be signed, and then replaced by the signature.
  headers.delete('authorization');
  const bytes = await request.arrayBuffer();
  const options = {
    ...credentials,
    method,
    url,
    headers,
    body: bytes.byteLength > 0 ? bytes : null,
    service: 'execute-api',
    region,
    allHeaders: true,
  };
  // Its types know no undefined.
  const signer = new AwsV4Signer(options as ConstructorParameters<typeof AwsV4Signer>[0]);
  return new Request(url, (await signer.sign()) as RequestInit);
}
