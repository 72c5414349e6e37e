/** A run of characters in one style. */
interface Span {
  text: string;
  style: string;
}

interface Cell {
  character: string;
  style: string;
}

/** The styles that a picture knows, by the codes that switch them on. */
const styles: Record<string, string> = { 1: 'bold', 2: 'dim', 32: 'green', 34: 'blue', 36: 'cyan' };
/** Codes that end what is on: all, intensity, colour. */
const ends: Record<string, readonly string[]> = { 0: Object.values(styles), 22: ['bold', 'dim'], 39: ['green', 'blue', 'cyan'] };

/**
 * What a terminal shows once a program has written its output: lines of spans. It knows what the command's questions use: moves within
 * a line and up, erasing of a line or of all below, and the styles above.
 *
 * @throws Error For a sequence that it does not know, since the picture would be wrong.
 */
export function screenOf(output: string): Span[][] {
  const lines: Cell[][] = [[]];
  let row = 0;
  let column = 0;
  const on = new Set<string>();
  const [start = '', ...sequences] = output.split('\x1b');
  write(start);
  for (const part of sequences) {
    const [token, parameters, code] = /^\[([\d;?]*)([A-Za-z])/.exec(part) ?? ['', '', ''];
    obey(parameters as string, code as string, part);
    write(part.slice(token.length));
  }

  function write(text: string): void {
    for (const character of text) {
      if (character === '\r') column = 0;
      else if (character === '\n') {
        row += 1;
        lines[row] ??= [];
      } else if (character < ' ') throw new Error(`The picture knows no ${JSON.stringify(character)}.`);
      else {
        const line = lines[row] as Cell[];
        while (line.length < column) line.push({ character: ' ', style: '' });
        line[column] = { character, style: [...on].sort().join(' ') };
        column += 1;
      }
    }
  }

  function obey(parameters: string, code: string, part: string): void {
    if (code === 'm') for (const each of (parameters || '0').split(';')) switchStyle(each);
    else if (code === 'A') row = Math.max(0, row - Number(parameters || 1));
    else if (code === 'G') column = Number(parameters || 1) - 1;
    else if (code === 'K') lines[row] = parameters === '2' ? [] : (lines[row] as Cell[]).slice(0, column);
    else if (code === 'J') lines.splice(row, Number.POSITIVE_INFINITY, (lines[row] as Cell[]).slice(0, column));
    // The cursor is shown or hidden, and what is pasted told apart from what is typed.
    else if (!/^\?(25|2004)$/.test(parameters)) throw new Error(`The picture knows no ${JSON.stringify(part.slice(0, 5))}.`);
  }

  function switchStyle(code: string): void {
    if (styles[code]) on.add(styles[code]);
    else if (ends[code]) for (const style of ends[code]) on.delete(style);
    else throw new Error(`The picture knows no style ${code}.`);
  }

  return lines.map(spansOf);
}

function spansOf(line: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  for (const { character, style } of line) {
    const last = spans.at(-1);
    if (last?.style === style) last.text += character;
    else spans.push({ text: character, style });
  }
  return spans;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A screen as SVG, in the colours that its reader prefers. The letters are the reader's own. */
export function svgOf(screen: readonly (readonly Span[])[], title: string): string {
  const [height, width] = [18, 8.5];
  const columns = Math.max(...screen.map((line) => line.reduce((sum, { text }) => sum + [...text].length, 0)));
  const [w, h] = [Math.ceil(columns * width) + 32, screen.length * height + 28];
  const rows = screen.flatMap((line, index) => {
    const spans = line.map(({ text, style }) => (style ? `<tspan class="${style}">${escaped(text)}</tspan>` : escaped(text)));
    return spans.length === 0 ? [] : [`<text x="16" y="${28 + index * height}">${spans.join('')}</text>`];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" xml:space="preserve">
<title>${escaped(title)}</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #1f2328 }
rect { fill: #f6f8fa; stroke: #d1d9e0 }
.bold { font-weight: bold } .dim { fill: #656d76 } .green { fill: #116329 } .blue { fill: #0550ae } .cyan { fill: #0b6b74 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #3d444d }
.dim { fill: #9198a1 } .green { fill: #56d364 } .blue { fill: #79c0ff } .cyan { fill: #56d4dd }
}
</style>
<rect x="0.5" y="0.5" width="${w - 1}" height="${h - 1}" rx="8"/>
${rows.join('\n')}
</svg>
`;
}
