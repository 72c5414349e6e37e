import { type Facts, readFacts } from './facts.ts';
import { type Finding, machineFindings, workspaceFindings } from './findings.ts';

/**
 * What `fastapi-lambda doctor` prints about a folder.
 *
 * @returns The text, and whether anything that the work needs is missing.
 */
export function doctorReport(folder: string, facts: Facts = readFacts(folder)): { text: string; isSound: boolean } {
  const machine = machineFindings(facts);
  const workspace = workspaceFindings(facts);
  const parts = [
    ['This machine', machine],
    ...(facts.workspace ? [[`The workspace ${facts.workspace.root}`, workspace] as const] : []),
  ] as const;
  const text = parts.map(([title, findings]) => [title, ...findings.map(line)].join('\n')).join('\n\n');
  const none = facts.workspace ? '' : '\n\nNo workspace of this generator is here: make one with fastapi-lambda "My API".';
  return { text: `${text}${none}\n`, isSound: ![...machine, ...workspace].some(({ state }) => state === 'missing') };
}

const line = ({ state, what, mend }: Finding): string =>
  `${state.padStart(9)}  ${what}${mend === undefined ? '' : `\n           > ${mend}`}`;
