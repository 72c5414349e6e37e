import { mergeAddition } from '../../../lib/merge/addition.ts';

const mine = "import { MyApiProvider } from './connections/my-api-provider';\n";
const other = "import { OtherProvider } from './connections/other-provider';\n";
const merge = (theirs: string, base?: string, ours?: string) => mergeAddition({ path: 'src/main.tsx', theirs, base, ours });

const vite = `import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './index.css'
import App from './App.tsx'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
`;

/** What starters and their users have, and what becomes of it. */
const modules: Record<string, [before: string, after: string]> = {
  "create-vite's": [
    vite,
    `import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './index.css'
import App from './App.tsx'
import { MyApiProvider } from './connections/my-api-provider'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MyApiProvider>
      <App />
    </MyApiProvider>
  </StrictMode>,
)
`,
  ],
  'a root in a variable, double quotes, a router': [
    `import ReactDOM from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import App from "./app/app"; // the app

const root = ReactDOM.createRoot(document.getElementById("root") as HTMLElement);

root.render(
  <BrowserRouter>
    <App title={\`two
lines\`} />
  </BrowserRouter>
);
`,
    `import ReactDOM from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import App from "./app/app"; // the app
import { MyApiProvider } from "./connections/my-api-provider";

const root = ReactDOM.createRoot(document.getElementById("root") as HTMLElement);

root.render(
  <MyApiProvider>
    <BrowserRouter>
      <App title={\`two
lines\`} />
    </BrowserRouter>
  </MyApiProvider>
);
`,
  ],
  'a query client of its own, tabs': [
    "import { QueryClient, QueryClientProvider } from '@tanstack/react-query';\n\nrender();\nfunction render() {\n\tcreateRoot(x).render(\n\t\t<React.StrictMode>\n\t\t\t<QueryClientProvider client={client}>\n\t\t\t\t<App />\n\t\t\t\t{tools}\n\t\t\t</QueryClientProvider>\n\t\t</React.StrictMode>,\n\t);\n}\n",
    "import { QueryClient, QueryClientProvider } from '@tanstack/react-query';\nimport { MyApiProvider } from './connections/my-api-provider';\n\nrender();\nfunction render() {\n\tcreateRoot(x).render(\n\t\t<React.StrictMode>\n\t\t\t<QueryClientProvider client={client}>\n\t\t\t\t<MyApiProvider>\n\t\t\t\t\t<App />\n\t\t\t\t\t{tools}\n\t\t\t\t</MyApiProvider>\n\t\t\t</QueryClientProvider>\n\t\t</React.StrictMode>,\n\t);\n}\n",
  ],
};

test.each(Object.entries(modules))('%s: the provider goes in, a second run changes nothing, and it goes again', (_, [before, after]) => {
  for (const eol of ['\n', '\r\n']) {
    const [from, to] = [before, after].map((text) => text.replaceAll('\n', eol)) as [string, string];
    expect(merge(from, undefined, mine)).toEqual({ text: to, recorded: mine, notes: [] });
    expect(merge(to, mine, mine)).toEqual({ text: to, recorded: mine, notes: [] });
    expect(merge(to, mine)).toEqual({ text: from, notes: [] });
  }
});

test('what is rendered on one line becomes lines as formatters write them', () => {
  const before = `import { router } from './router';\n\nif (!rootElement.innerHTML) {\n  const root = ReactDOM.createRoot(rootElement);\n  root.render(<RouterProvider router={router} />);\n}\n`;
  const after = `import { router } from './router';
import { MyApiProvider } from './connections/my-api-provider';

if (!rootElement.innerHTML) {
  const root = ReactDOM.createRoot(rootElement);
  root.render(
    <MyApiProvider>
      <RouterProvider router={router} />
    </MyApiProvider>,
  );
}
`;
  expect(merge(before, undefined, mine)).toEqual({ text: after, recorded: mine, notes: [] });
  expect(merge(after, mine, mine).text).toBe(after);
});

/** What is written on one line, and what formatters make of it with one more element. */
test.each([
  [
    'elements around it',
    'createRoot(root).render(<StrictMode><QueryClientProvider client={client}><App /></QueryClientProvider></StrictMode>)\n',
    `createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <MyApiProvider>
        <App />
      </MyApiProvider>
    </QueryClientProvider>
  </StrictMode>,
)
`,
  ],
  [
    'a line of its own',
    'createRoot(root).render(\n  <StrictMode><App /></StrictMode>\n)\n',
    'createRoot(root).render(\n  <StrictMode>\n    <MyApiProvider>\n      <App />\n    </MyApiProvider>\n  </StrictMode>\n)\n',
  ],
  [
    'more arguments',
    'createRoot(root).render(<App />, done)\n',
    'createRoot(root).render(\n  <MyApiProvider>\n    <App />\n  </MyApiProvider>,\n  done,\n)\n',
  ],
])('what is rendered on one line becomes lines: %s', (_, before, after) => {
  const app = "import App from './App'\n";
  const { text } = merge(`${app}\n${before}`, undefined, mine);
  expect(text).toBe(`${app}${mine.replace(';', '')}\n${after}`);
  expect(merge(text, mine, mine).text).toBe(text);
  expect(merge(text, mine).text).not.toContain('MyApi');
});

test("the import goes behind those of the website's own modules, and a module without one gets it with a blank line", () => {
  const rest = 'createRoot(root).render(<App />);\n';
  const groups = `import App from './App';\n\nimport './index.css';\nimport { createRoot } from 'react-dom/client';\n\n${rest}`;
  expect(merge(groups, undefined, mine).text).toMatch(
    /^import App from '.\/App';\nimport { MyApiProvider } .*;\n\nimport '.\/index.css';\n/,
  );
  expect(merge(rest, undefined, mine).text).toMatch(/^import { MyApiProvider } .*;\n\ncreateRoot/);
});

test('a second API goes around the first, and the first can go alone', () => {
  const one = merge(vite, undefined, mine).text;
  const both = merge(one, mine, mine + other);
  expect(both.text).toContain('<OtherProvider>\n      <MyApiProvider>\n        <App />\n      </MyApiProvider>\n    </OtherProvider>');
  expect(both.recorded).toBe(mine + other);
  expect(merge(both.text, mine + other, other).text).toBe(merge(vite, undefined, other).text);
  expect(merge(vite, undefined, mine + other).text).toContain('<MyApiProvider>\n      <OtherProvider>');
});

test('in a module that was moved the provider stays ours, by whatever path it is imported', () => {
  const deeper = (text: string): string => text.replaceAll("'./connections", "'../connections");
  const theirs = deeper(merge(vite, undefined, mine).text);
  expect(merge(theirs, mine, deeper(mine))).toEqual({ text: theirs, recorded: deeper(mine), notes: [] });
});

test('a provider that the user took out stays out, and one that the user put there is theirs', () => {
  expect(merge(vite, mine, mine)).toEqual({ text: vite, recorded: mine, notes: [] });
  const theirs = vite.replace("'./App.tsx'\n", "'./App.tsx'\nimport { MyApiProvider } from './api'\n");
  expect(merge(theirs, undefined, mine)).toEqual({ text: theirs, notes: [] });
});

test('a provider with a value of the user does not go, and that is told', () => {
  const theirs = merge(vite, undefined, mine).text.replace('<MyApiProvider>', '<MyApiProvider token={token}>');
  expect(merge(theirs, mine)).toEqual({
    text: theirs,
    notes: ['keeps MyApiProvider, which was changed here: take it out, nothing that is generated needs it'],
  });
});

test.each([
  ['nothing rendered', "import App from './App';\nexport default App;\n"],
  ['two roots', `${vite}\ncreateRoot(document.body).render(<App />)\n`],
  ['no JSX', "import { createElement } from 'react';\ncreateRoot(x).render(createElement(App));\n"],
  ['an expression', 'createRoot(x).render(app);\n'],
  ['hydration', 'hydrateRoot(document, <App />);\n'],
  ['no module that can be read', 'const x = <;\n'],
])('%s: the lines to add are told, and nothing is changed', (_, theirs) => {
  expect(merge(theirs, undefined, mine)).toEqual({
    text: theirs,
    notes: [],
    manual: `${mine}// around what is rendered: <MyApiProvider><App /></MyApiProvider>`,
    told: mine,
  });
});
