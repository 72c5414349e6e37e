import { AwsV4Signer } from 'aws4fetch';
import type { Credentials } from './auth';
import type { ApiRequest } from './request';

/** The request with its SigV4 signature. The signature covers the body, which is held in memory for it. */
export async function sign(
  request: ApiRequest,
  region: string,
  credentials: Credentials,
): Promise<ApiRequest> {
  const { method, url } = request;
  // One of the caller's would be signed, and then replaced by the signature.
  delete (request.headers as { authorization?: string }).authorization;
  const { headers, body } = await inBytes(request);
  const signed = await new AwsV4Signer({
    ...credentials,
    method,
    url,
    headers,
    body: body ?? null,
    service: 'execute-api',
    region,
    allHeaders: true,
  }).sign();
  // Headers can be iterated wherever there is fetch; not every website's `lib` says so.
  const pairs = signed.headers as unknown as Iterable<[string, string]>;
  return { method, url, headers: Object.fromEntries(pairs), body };
}

/** The body as it is sent. Of a form that says where its parts end, which `fetch` would choose anew. */
async function inBytes({ headers, body }: ApiRequest) {
  if (typeof body !== 'object') return { headers, body };
  const made = new Response(body);
  const type = made.headers.get('content-type');
  return {
    headers: type ? { 'content-type': type, ...headers } : headers,
    body: await made.arrayBuffer(),
  };
}
