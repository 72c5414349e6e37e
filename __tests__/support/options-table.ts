import { flagOf, type GeneratorName, generators, type OptionSpec } from '../../lib/options/options.ts';

/** A generator's options as a Markdown table, as the README has it. */
export function optionsTable(generator: GeneratorName): string {
  const rows = Object.entries<OptionSpec>(generators[generator].options).map(([name, spec]) => {
    const flag = spec.alias ? `\`${flagOf(name)}\`, \`-${spec.alias}\`` : `\`${flagOf(name)}\``;
    const type = spec.choices ? spec.choices.map((choice) => `\`${choice}\``).join(', ') : spec.type;
    const initial =
      spec.default === undefined ? '' : String(spec.default).startsWith('(') ? String(spec.default).slice(1, -1) : `\`${spec.default}\``;
    const meanings = Object.entries(spec.meanings ?? {}).map(([choice, meaning]) => `\`${choice}\` ${meaning}`);
    return `| ${flag} | ${type} | ${initial} | ${[spec.description, meanings.join('; ')].filter(Boolean).join(': ')} |`;
  });
  return ['| option | values | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
