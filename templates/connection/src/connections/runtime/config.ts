import type { IdentityPool } from './cognito';

/** What `runtime-config.json` holds: where the APIs of this stage are, and what signing in needs. */
export interface RuntimeConfig {
  /** The APIs by name. */
  apis: Record<string, { url: string; region?: string }>;
  cognito?: { region?: string; identityPoolId?: string; userPoolId?: string; userPoolClientId?: string };
}

/** The part of one API. */
export interface ApiConfig {
  /** Address of the API. */
  url: string;
  /** Region of the API. Default: the one that API Gateway's address names. */
  region: string | undefined;
  /**
   * The identity pool of the website's visitors.
   *
   * @throws {Error} When there is none.
   */
  identityPool(): IdentityPool;
}

let loaded: Promise<Partial<RuntimeConfig>> | undefined;

/**
 * Reads `runtime-config.json`, which a deployment puts beside index.html, once for the page.
 *
 * @param api Name of the API whose part is wanted.
 * @param base Address of index.html's folder: `import.meta.env.BASE_URL` of Vite.
 * @throws {Error} When the file or the API's part of it is missing.
 */
export async function runtimeConfig(api: string, base: string): Promise<ApiConfig> {
  loaded ??= load(`${base.replace(/\/*$/, '/')}runtime-config.json`);
  let config: Partial<RuntimeConfig>;
  try {
    config = await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
  const { url, region } = Object(config.apis?.[api]) as { url: unknown; region?: string };
  if (typeof url !== 'string' || !/^(https?:\/)?\//.test(url)) {
    throw new Error(`runtime-config.json has no address in apis.${api}.url, but ${JSON.stringify(url)}`);
  }
  return {
    url,
    region,
    identityPool() {
      const { identityPoolId, region: home } = config.cognito ?? {};
      if (!identityPoolId) throw new Error('runtime-config.json has no cognito.identityPoolId to get credentials from');
      return { identityPoolId, region: home };
    },
  };
}

async function load(address: string): Promise<Partial<RuntimeConfig>> {
  const response = await fetch(address, { cache: 'no-store' });
  try {
    if (!response.ok) throw new Error(String(response.status));
    return Object(await response.json());
  } catch (error) {
    // A server of single-page applications answers index.html for a file that is not there.
    throw new Error(`${address} is not there or no JSON: has it been uploaded with the website?`, { cause: error });
  }
}
