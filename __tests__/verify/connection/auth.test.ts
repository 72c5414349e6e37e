// biome-ignore-all lint/suspicious/noExplicitAny: what is tested is loaded at run time.
// Who calls: signatures against botocore's, credentials of an identity pool, tokens, and what a refusal says.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiDocument, python } from '../../support/connection-api.ts';
import { load, website } from '../../support/connection-website.ts';

interface Got {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

let root: string;
let client: any;
let server: Server;
let url: string;
let got: Got[] = [];
/** What the server answers. */
let answer: (request: Got) => [status: number, body: unknown, ids?: Record<string, string>];

const read = (request: IncomingMessage): Promise<Got> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () =>
      resolve({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      }),
    );
  });

/** The modules as a page has them that was just opened. */
const fresh = (): Promise<any> => load(root, `export * from './connections/shapes'; export * from './connections/runtime';`);

beforeAll(async () => {
  ({ root } = website('auth', apiDocument()));
  client = await fresh();
  server = createServer(async (request, response) => {
    const one = await read(request);
    got.push(one);
    const [status, body, ids = { 'x-correlation-id': 'c-3' }] = answer(one);
    response.writeHead(status, { 'content-type': 'application/json', ...ids }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 600_000);

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  got = [];
  answer = () => [200, null];
});

const keys = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session/token=+' };

describe('IAM', () => {
  test('signs every request as botocore does', async () => {
    const api = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials: () => keys }) });
    const item = { itemId: 7, color: 'deep blue' };
    await api.nothing();
    await api.getItem(item);
    await api.getItem({ ...item, ids: [3, 1, 2], names: ['b', 'a', ''], flag: false, text: "a+b %2F é 🎉 !'()* ~&=", xTraceId: ' t  u ' });
    await api.readFile({ name: "deep/ü ö/%2F/x!'()*" });
    await api.readSegment({ name: 'a+b:c@d$e,f;g' });
    await api.echoScalar({ body: 1 });
    await api.echoPet({ body: { kind: 'cat', name: 'é 漢字 🎉' } });
    await api.merge({ body: {} });
    await api.login({ body: { user: 'a b+c&d', scopes: ['x', 'y'] } });
    await api.upload({ body: { file: new File(['hello'], 'grüße.txt'), files: [], plain: new Blob(['123']), tags: ['a'] } });
    await api.raw({ body: new Blob([new Uint8Array([0, 255, 10])]) });
    await api.raw({ body: new ArrayBuffer(3) });
    await api.deleteItem({ itemId: 1 });
    await api.optionalBody();
    const requests = got.map(({ method, path, headers, body }) => {
      const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
      expect(signed).toContain('host');
      if (body.length > 0) expect(signed).toContain('content-type');
      return { method, url: url + path, headers, body: body.toString('base64'), region: 'eu-west-1' };
    });
    const theirs: string[] = JSON.parse(python(['sign.py'], JSON.stringify(requests)));
    expect(got.map(({ headers }) => headers.authorization)).toEqual(theirs);
    expect(theirs).toHaveLength(14);
  });

  test('signs no authorization of the caller, which the signature replaces', async () => {
    const api = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials: () => keys }) });
    await api.nothing({}, { headers: { Authorization: 'Bearer other' } });
    expect(got[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/.*SignedHeaders=host;x-amz-date;x-amz-security-token,/,
    );
  });

  test('takes the region from the address of API Gateway, and asks for it elsewhere', async () => {
    const api = client.createShapes({ url, auth: client.iamAuth({ credentials: () => keys }) });
    await expect(api.nothing()).rejects.toMatchObject({ reason: 'setup', message: expect.stringContaining('region') });
    const auth = client.iamAuth({ credentials: () => keys });
    const request = new Request('https://abc.execute-api.ap-southeast-2.amazonaws.com/prod/x');
    expect((await auth.authorize(request)).headers.get('authorization')).toContain('/ap-southeast-2/execute-api/aws4_request');
  });

  test('gets credentials once for calls at the same time, and anew before they end', async () => {
    let asked = 0;
    let lives = 3_600_000;
    const credentials = async () => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { ...keys, accessKeyId: `KEY${asked}`, expiration: new Date(Date.now() + lives) };
    };
    const api = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials }) });
    await Promise.all([api.nothing(), api.nothing(), api.nothing()]);
    await api.nothing();
    expect(asked).toBe(1);
    // The next ones end within the five minutes before which they are renewed.
    lives = 60_000;
    const short = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials }) });
    await short.nothing();
    await Promise.all([short.nothing(), short.nothing()]);
    expect(asked).toBe(3);
    expect(got.at(-1)?.headers.authorization).toContain('Credential=KEY3/');
  });

  test('keeps credentials that still serve when new ones are not to be had', async () => {
    let asked = 0;
    const credentials = () => {
      asked += 1;
      if (asked > 1) throw new Error('no network');
      return { ...keys, expiration: new Date(Date.now() + 60_000) };
    };
    const api = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials }) });
    await api.nothing();
    await api.nothing();
    expect(asked).toBe(2);
    const without = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials }) });
    await expect(without.nothing()).rejects.toMatchObject({ reason: 'setup', message: 'nothing: no network' });
  });
});

describe('an identity pool', () => {
  const pool = { identityPoolId: 'eu-west-1:pool' };

  /** Sends what would go to Cognito to the test's server. */
  const throughServer = async (run: () => Promise<void>) => {
    const real = globalThis.fetch;
    const asked: string[] = [];
    globalThis.fetch = ((address: string | Request, init: RequestInit) => {
      if (typeof address !== 'string') return real(address, init);
      asked.push(address);
      return real(url, init);
    }) as typeof fetch;
    try {
      await run();
    } finally {
      globalThis.fetch = real;
    }
    return asked;
  };

  test('gives credentials by two requests, for guests and for who is signed in', async () => {
    const end = Math.floor(Date.now() / 1000) + 3600;
    answer = ({ headers }) =>
      headers['x-amz-target'] === 'AWSCognitoIdentityService.GetId'
        ? [200, { IdentityId: 'eu-west-1:me' }]
        : [200, { IdentityId: 'eu-west-1:me', Credentials: { AccessKeyId: 'A', SecretKey: 'S', SessionToken: 'T', Expiration: end } }];
    const asked = await throughServer(async () => {
      await expect(client.cognitoIdentity(pool)()).resolves.toEqual({
        ...{ accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T', expiration: new Date(end * 1000) },
      });
      await client.cognitoIdentity({ ...pool, region: 'us-east-1' }, async () => ({ issuer: 'token' }))();
    });
    expect(new Set(asked)).toEqual(
      new Set(['https://cognito-identity.eu-west-1.amazonaws.com/', 'https://cognito-identity.us-east-1.amazonaws.com/']),
    );
    expect(got.map(({ headers, body }) => [headers['content-type'], headers['x-amz-target'], JSON.parse(body.toString())])).toEqual([
      ['application/x-amz-json-1.1', 'AWSCognitoIdentityService.GetId', { IdentityPoolId: 'eu-west-1:pool' }],
      ['application/x-amz-json-1.1', 'AWSCognitoIdentityService.GetCredentialsForIdentity', { IdentityId: 'eu-west-1:me' }],
      ['application/x-amz-json-1.1', 'AWSCognitoIdentityService.GetId', { IdentityPoolId: 'eu-west-1:pool', Logins: { issuer: 'token' } }],
      [
        ...['application/x-amz-json-1.1', 'AWSCognitoIdentityService.GetCredentialsForIdentity'],
        { IdentityId: 'eu-west-1:me', Logins: { issuer: 'token' } },
      ],
    ]);
  });

  describe('a guest', () => {
    /** The browser's storage, if there is one. */
    const withStorage = async (storage: object | undefined, run: () => Promise<void>) => {
      const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
      Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: () => storage ?? refuse() });
      try {
        await run();
      } finally {
        if (before) Object.defineProperty(globalThis, 'localStorage', before);
        else delete (globalThis as { localStorage?: unknown }).localStorage;
      }
    };
    const refuse = () => {
      throw new DOMException('The page may not keep things', 'SecurityError');
    };

    /** Ids that credentials were asked for, in turn. */
    const identities = () =>
      got.flatMap(({ headers, body }) =>
        headers['x-amz-target']?.endsWith('GetCredentialsForIdentity') ? [JSON.parse(body.toString()).IdentityId] : [],
      );
    let refused: [id: string, type: string] | undefined;

    beforeEach(() => {
      let count = 0;
      refused = undefined;
      answer = ({ headers, body }) => {
        if (headers['x-amz-target']?.endsWith('GetId')) {
          count += 1;
          return [200, { IdentityId: `guest-${count}` }];
        }
        if (refused && JSON.parse(body.toString()).IdentityId === refused[0]) return [400, { __type: refused[1], message: 'refused' }];
        return [200, { Credentials: { AccessKeyId: 'A', SecretKey: 'S', SessionToken: 'T', Expiration: 4e9 } }];
      };
    });

    const full = {
      set [`cognito.${pool.identityPoolId}.guest`](_: string) {
        throw new DOMException('Full', 'QuotaExceededError');
      },
    };
    test.each([
      ['where the page may keep nothing', undefined],
      ['where its storage is full', full],
    ])('keeps an identity when credentials are renewed, and for another API of the page, %s', async (_, storage) => {
      await throughServer(() =>
        withStorage(storage, async () => {
          const { cognitoIdentity } = await fresh();
          const source = cognitoIdentity(pool);
          await source();
          await source();
          await cognitoIdentity(pool)();
        }),
      );
      expect(identities()).toEqual(['guest-1', 'guest-1', 'guest-1']);
    });

    test('is one for all APIs of a page that is opened for the first time, and asks for an id anew where there was none', async () => {
      const storage = {};
      const answered = answer;
      await throughServer(() =>
        withStorage(storage, async () => {
          const { cognitoIdentity } = await fresh();
          const [one, other] = [cognitoIdentity(pool), cognitoIdentity(pool)];
          answer = () => [400, { __type: 'TooManyRequestsException', message: 'refused' }];
          await expect(one()).rejects.toThrow('refused GetId: TooManyRequestsException');
          answer = answered;
          await Promise.all([one(), other()]);
          await Promise.all([one(), other()]);
        }),
      );
      expect(identities()).toEqual(['guest-1', 'guest-1', 'guest-1', 'guest-1']);
      expect(storage).toEqual({ 'cognito.eu-west-1:pool.guest': 'guest-1' });
    });

    test('is the one that another page has kept since its sources were made, and keeps nothing when credentials are renewed', async () => {
      const storage: Record<string, string> = {};
      await throughServer(() =>
        withStorage(storage, async () => {
          const source = (await fresh()).cognitoIdentity(pool);
          storage['cognito.eu-west-1:pool.guest'] = 'other-page';
          await source();
          delete storage['cognito.eu-west-1:pool.guest'];
          await source();
        }),
      );
      expect(identities()).toEqual(['other-page', 'other-page']);
      expect(storage).toEqual({});
    });

    test('keeps an identity, and no credentials, over page loads', async () => {
      const storage = {};
      await throughServer(() =>
        withStorage(storage, async () => {
          await (await fresh()).cognitoIdentity(pool)();
          const { cognitoIdentity } = await fresh();
          await cognitoIdentity(pool)();
          await cognitoIdentity({ identityPoolId: 'eu-west-1:other' })();
        }),
      );
      expect(identities()).toEqual(['guest-1', 'guest-1', 'guest-2']);
      expect(storage).toEqual({ 'cognito.eu-west-1:pool.guest': 'guest-1', 'cognito.eu-west-1:other.guest': 'guest-2' });
    });

    test('leaves nothing of who is signed in', async () => {
      const storage = {};
      await throughServer(() => withStorage(storage, async () => void (await client.cognitoIdentity(pool, () => ({ issuer: 'token' }))())));
      expect(storage).toEqual({});
    });

    test.each(['ResourceNotFoundException', 'NotAuthorizedException'])(
      'gets one other identity for one that ends in %s, for two APIs too',
      async (type) => {
        const storage = { 'cognito.eu-west-1:pool.guest': 'old' };
        refused = ['old', type];
        await throughServer(() =>
          withStorage(storage, async () => {
            const { cognitoIdentity } = await fresh();
            await Promise.all([cognitoIdentity(pool)(), cognitoIdentity(pool)()]);
          }),
        );
        expect(identities().sort()).toEqual(['guest-1', 'guest-1', 'old', 'old']);
        expect(storage).toEqual({ 'cognito.eu-west-1:pool.guest': 'guest-1' });
      },
    );

    test('is refused where a new identity is refused as well', async () => {
      answer = ({ headers }) =>
        headers['x-amz-target']?.endsWith('GetId')
          ? [200, { IdentityId: 'i' }]
          : [400, { __type: 'NotAuthorizedException', message: 'no' }];
      await throughServer(() =>
        withStorage({ 'cognito.eu-west-1:pool.guest': 'old' }, async () => {
          await expect((await fresh()).cognitoIdentity(pool)()).rejects.toThrow('NotAuthorizedException: no');
        }),
      );
      expect(identities()).toEqual(['old', 'i']);
    });

    test('keeps its identity while the pool is asked too often', async () => {
      const storage = { 'cognito.eu-west-1:pool.guest': 'old' };
      refused = ['old', 'TooManyRequestsException'];
      await throughServer(() =>
        withStorage(storage, async () => {
          await expect((await fresh()).cognitoIdentity(pool)()).rejects.toThrow('TooManyRequestsException: refused');
        }),
      );
      expect(storage).toEqual({ 'cognito.eu-west-1:pool.guest': 'old' });
    });
  });

  test('gives other credentials once somebody signs in', async () => {
    let login: Record<string, string> | undefined;
    answer = ({ headers, body }) => {
      const Logins = body.length > 0 ? JSON.parse(body.toString()).Logins : undefined;
      if (headers['x-amz-target']?.endsWith('GetId')) return [200, { IdentityId: 'i' }];
      if (!headers['x-amz-target']) return [200, null];
      return [200, { Credentials: { AccessKeyId: Logins ? 'USER' : 'GUEST', SecretKey: 'S', SessionToken: 'T', Expiration: 4e9 } }];
    };
    await throughServer(async () => {
      const auth = client.iamAuth({ region: 'eu-west-1', credentials: client.cognitoIdentity(pool, () => login) });
      const api = client.createShapes({ url, auth });
      await api.nothing();
      await api.nothing();
      login = { issuer: 'token' };
      await api.nothing();
    });
    const callers = got.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]).filter(Boolean);
    expect(callers).toEqual(['GUEST', 'GUEST', 'USER']);
  });

  test('says which pool refuses, and why', async () => {
    answer = () => [400, { __type: 'NotAuthorizedException', message: 'Unauthenticated access is not supported for this identity pool.' }];
    await throughServer(async () => {
      const api = client.createShapes({ url, auth: client.iamAuth({ region: 'eu-west-1', credentials: client.cognitoIdentity(pool) }) });
      await expect(api.nothing()).rejects.toMatchObject({
        reason: 'setup',
        message:
          'nothing: Identity pool eu-west-1:pool refused GetId: NotAuthorizedException: Unauthenticated access is not supported for this identity pool.',
      });
    });
  });
});

describe('a token', () => {
  test('is asked for before each request', async () => {
    let count = 0;
    const api = client.createShapes({ url, auth: client.tokenAuth(async () => `t${++count}`) });
    await api.nothing();
    await api.nothing();
    expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('is not sent where there is none', async () => {
    await client.createShapes({ url, auth: client.tokenAuth(() => undefined) }).nothing();
    await client.createShapes({ url }).nothing();
    expect(got.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });
});

describe('a refusal of the gateway says what to look at', () => {
  const iam = () => client.iamAuth({ region: 'eu-west-1', credentials: () => keys });
  const token = () => client.tokenAuth(() => 't');

  test.each<[() => any, number, object, string]>([
    [iam, 403, { message: 'Missing Authentication Token' }, 'deployed'],
    [iam, 403, { detail: 'There is no such path and method, or the request is not signed (AWS Signature Version 4).' }, 'deployed'],
    [iam, 403, { message: 'The security token included in the request is expired' }, 'clock'],
    [iam, 403, { message: 'Signature expired: 20260101T000000Z is now earlier than ...' }, 'clock'],
    [iam, 403, { message: 'The security token included in the request is invalid.' }, 'account'],
    [iam, 403, { message: 'The request signature we calculated does not match the signature you provided.' }, 'region'],
    [iam, 403, { Message: 'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: execute-api:Invoke' }, 'grantInvokeAccess'],
    [token, 401, { message: 'Unauthorized' }, 'valid'],
    [token, 403, { message: 'Forbidden' }, 'may not'],
  ])('%#: %s', async (auth, status, body, hint) => {
    answer = () => [status, body];
    const error = await client
      .createShapes({ url, auth: auth() })
      .nothing()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ status, body, correlationId: 'c-3' });
    expect(error.message).toContain(Object.values(body)[0]);
    expect(error.message).toContain(hint);
  });

  test('and has the id by which an HTTP API knows the request', async () => {
    answer = () => [403, { message: 'Forbidden' }, { 'apigw-requestid': 'h-1' }];
    await expect(client.createShapes({ url, auth: token() }).nothing()).rejects.toMatchObject({ correlationId: 'h-1' });
  });
});

test.each<[object, string]>([
  [{ detail: [{ loc: 'query.page', msg: 'bad' }] }, 'nothing: 422 bad'],
  [{ detail: [{ msg: 'bad' }] }, 'nothing: 422 bad'],
  [{ detail: [{ loc: null, msg: 'bad' }] }, 'nothing: 422 bad'],
  [{ detail: ['bad'] }, 'nothing: 422 '],
  [{ detail: [{ loc: ['query', 'page'], msg: 'bad' }] }, 'nothing: 422 query.page: bad'],
])('wrong input that a handler of the app tells in its own way is an ApiError: %j', async (body, message) => {
  answer = () => [422, body];
  const error = await client
    .createShapes({ url })
    .nothing()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'ApiError', reason: 'status', status: 422, body, message });
});
