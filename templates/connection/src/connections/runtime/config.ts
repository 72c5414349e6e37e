import { once } from './request';

/** What `runtime-config.json` holds: where the APIs of this stage are, and what signing in needs. */
export interface RuntimeConfig {
  /** The APIs by name. */
  apis: Record<string, { url: string; region?: string }>;
  cognito?: {
    region?: string;
    identityPoolId?: string;
    userPoolId?: string;
    userPoolClientId?: string;
  };
}

/** The part of one API. */
export interface ApiConfig {
  /** Address of the API. */
  url: string;
  /** Region of the API. Default: the one that API Gateway's address names. */
  region?: string | undefined;
  cognito?: RuntimeConfig['cognito'] | undefined;
}

let file: (() => Promise<unknown>) | undefined;

/**
 * Reads `runtime-config.json`, which a deployment puts beside index.html, once for the page.
 *
 * @param api Name of the API whose part is wanted.
 * @param base Address of index.html's folder: `import.meta.env.BASE_URL` of Vite.
 * @throws {Error} When the file or the API's part of it is missing.
 */
export async function runtimeConfig(api: string, base: string): Promise<ApiConfig> {
  file ??= once(async () => {
    const response = await fetch(`${base}runtime-config.json`, { cache: 'no-store' });
    const text = await response.text();
    if (response.status > 404) throw new Error(`${base}runtime-config.json: ${response.status}`);
    try {
      return JSON.parse(text);
    } catch {
      // A server of single-page applications answers index.html for a file that is not there.
      throw new RangeError(`${base}runtime-config.json is no JSON: was it uploaded?`);
    }
  });
  const { apis, cognito }: Partial<RuntimeConfig> = Object(await file());
  const entry = Object(apis?.[api]);
  if (!/^(https?:\/)?\//.test(entry.url))
    throw new RangeError(`runtime-config.json: apis.${api}.url is ${entry.url}`);
  return { ...entry, cognito };
}
