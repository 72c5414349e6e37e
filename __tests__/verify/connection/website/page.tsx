// Runs the examples of a website's page of documentation, with a DOM in Node, against the served API.
import { Window } from 'happy-dom';
import type { ReactNode } from 'react';

const window = new Window({ url: 'http://localhost/' });
Object.assign(globalThis, { window, document: window.document });
// Node has one of its own from 21 on.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: window.navigator });
const { createRoot } = await import('react-dom/client');
const [{ PetName }, { Rename }, { Pets }, { Upload }, { Words }, { allWords }, { Mocked }] = await Promise.all([
  import('./page-0'),
  import('./page-1'),
  import('./page-2'),
  import('./page-3'),
  import('./page-4'),
  import('./page-5'),
  import('./page-6'),
]);
const { createShapes } = await import('./connections/shapes');
const { ShapesProvider } = await import('./connections/shapes-provider');

const url = process.argv[2] as string;
const api = createShapes({ url });

/** Draws something, and waits for texts, with a press of its button between one and the next. */
async function plays(element: ReactNode, ...texts: string[]): Promise<void> {
  const container = document.body.appendChild(document.createElement('div'));
  createRoot(container).render(element);
  for (const [index, text] of texts.entries()) {
    if (index > 0) container.querySelector('button')?.click();
    const end = Date.now() + 20_000;
    while (!container.textContent?.includes(text)) {
      if (Date.now() > end) throw new Error(`It shows ${JSON.stringify(container.textContent)}, and not ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const served = (element: ReactNode) => <ShapesProvider api={api}>{element}</ShapesProvider>;
const mocked = (element: ReactNode) => <Mocked>{element}</Mocked>;

await plays(served(<PetName petId={1} />), 'Pet 1, 1');
await plays(served(<PetName petId={99} />), 'There is no pet 99');
await plays(served(<Rename petId={2} name="Rex" />), 'Pet 2', 'Rex');
await plays(served(<Pets />), 'Pet 0, Pet 1', 'Pet 0, Pet 1, Rex, Pet 3', 'Pet 4');
await plays(served(<Upload photo={new Blob(['abc'])} />), 'Upload', 'Rex: 3 bytes');
await plays(served(<Words />), 'word 0, word 1, word 2', 'done: word 0, word 1');
await plays(mocked(<PetName petId={0} />), 'Mock, 3');
await plays(mocked(<PetName petId={5} />), 'There is none');
await plays(mocked(<Words />), 'mocked', 'done: mocked');
console.log(await allWords(url));
process.exit(0);
