import {
  type Auth,
  authMethods,
  type ComputeType,
  computeTypes,
  type IntegrationPattern,
  integrationPatterns,
} from '../../lib/options/choices.ts';

export interface Combination {
  computeType: ComputeType;
  integrationPattern: IntegrationPattern;
  auth: Auth;
}

/** Every API type with every pattern and every auth. */
export const combinations: Combination[] = computeTypes.flatMap((computeType) =>
  integrationPatterns.flatMap((integrationPattern) => authMethods.map((auth) => ({ computeType, integrationPattern, auth }))),
);

const key = ({ computeType, integrationPattern, auth }: Combination): string => `${computeType} ${integrationPattern} ${auth}`;

/** Eight of them in which each value of one choice meets each value of another. */
export const pairwise: Combination[] = combinations.filter((combination) => {
  const [type, pattern, auth] = [
    computeTypes.indexOf(combination.computeType),
    integrationPatterns.indexOf(combination.integrationPattern),
    authMethods.indexOf(combination.auth),
  ];
  return (type + pattern + auth) % 2 === 0;
});

/** Name of a folder and of a test. */
export const nameOf = (combination: Combination): string =>
  key(combination)
    .replace(/ServerlessApiGateway(\w+)Api/, '$1')
    .replaceAll(' ', '-')
    .toLowerCase();

export const everything = process.env.VERIFY_FULL === '1';
