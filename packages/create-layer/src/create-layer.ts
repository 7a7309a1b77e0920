import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type LayerNames, layerNames, NameError } from './layer-names';
import { filledIn, type TemplateFile, templateFiles, wordsOf } from './template';

/** What is to be made, and where. */
export interface CreateLayerOptions {
  /** `gated-sum`. */
  name: string;
  /** What it is, for package.json, the README and the chapter. */
  line: string;
  /** Where the command is given: within the repository of @dl, or anywhere. */
  cwd: string;
  /** The folder of the templates. */
  templates: string;
  /** Ranges of the packages of @dl that a package outside of the repository depends on. */
  ranges: Readonly<Record<string, string>>;
}

/** What was made. */
export interface CreatedLayer {
  names: LayerNames;
  /** The folder of the package. */
  folder: string;
  /** The root of the repository of @dl, where the package is part of it. */
  repository: string | undefined;
  /** Every file written. */
  files: string[];
}

/**
 * Writes a package of one layer. In the repository of @dl it gets a chapter in both languages, an example, a consumer for
 * the tests of the packed packages and a changeset besides; elsewhere, what it needs to stand alone.
 *
 * @throws NameError for a name that cannot be one
 * @throws Error where something of that name exists
 */
export function createLayer({ name, line, cwd, templates, ranges }: CreateLayerOptions): CreatedLayer {
  const oneLine = line.trim();
  if (oneLine === '' || /[\r\n]/.test(oneLine)) throw new Error('say in one line what the layer is');
  const repository = repositoryOf(cwd);
  const shared = templateFiles(join(templates, 'package'));
  const names = layerNames(name, repository && '@dl', wordsOf(shared));
  if (repository !== undefined) refuseKnownSpec(repository, names);

  const folder = repository === undefined ? join(cwd, names.folder) : join(repository, 'packages', names.folder);
  if (existsSync(folder)) throw new Error(`${folder} exists: choose another name, or remove it first`);
  const files =
    repository === undefined
      ? placed(folder, standalone(shared, templateFiles(join(templates, 'standalone')), ranges))
      : [...placed(folder, shared), ...placed(repository, templateFiles(join(templates, 'repository')))];
  const written = files.map((file) => filledIn(file, names, oneLine));
  const existing = written.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (existing.length > 0) throw new Error(`these files exist: ${existing.join(', ')}`);
  for (const { path, text } of written) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { names, folder, repository, files: written.map(({ path }) => path) };
}

/** The root of the repository of @dl that a folder lies in. */
function repositoryOf(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as Manifest).name === 'dl-monorepo') return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Two layers of one name could not be told apart in a saved model. */
function refuseKnownSpec(repository: string, { value }: LayerNames): void {
  for (const folder of readdirSync(join(repository, 'packages'))) {
    const sources = join(repository, 'packages', folder, 'src');
    if (!existsSync(sources)) continue;
    const known = templateFiles(sources).find(({ text }) => new RegExp(`defineSpec\\(\\s*'${value}'`).test(text));
    if (known === undefined) continue;
    throw new NameError(`the layer '${value}' exists, in packages/${folder}/src/${known.path}: choose another name`);
  }
}

/** What files of the template are called there under other names: tools, npm above all, take these for their own. */
const realNames: Readonly<Record<string, string>> = { 'manifest.json': 'package.json', gitignore: '.gitignore' };

function placed(folder: string, files: TemplateFile[]): TemplateFile[] {
  return files.map((file) => ({
    path: join(folder, realNames[file.path] ?? file.path),
    text: isManifest(file) ? `${JSON.stringify(JSON.parse(file.text), null, 2)}\n` : file.text,
  }));
}

interface Manifest {
  name: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  publishConfig: { exports: Record<string, unknown> };
}

const isManifest = ({ path }: TemplateFile) => path === 'manifest.json';
const manifestOf = (files: TemplateFile[]) => JSON.parse(files.find(isManifest)!.text) as Manifest;

/** The files of a package that stands alone: versions in place of the workspace, its own scripts and settings. */
function standalone(
  shared: TemplateFile[],
  additions: TemplateFile[],
  ranges: Readonly<Record<string, string>>,
): TemplateFile[] {
  const { publishConfig, ...manifest } = manifestOf(shared);
  const own = manifestOf(additions);
  const ranged = (dependencies: Record<string, string>) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, ranges[name] ?? range]));
  const { exports, ...access } = publishConfig; // without the sources, which only the repository resolves
  const merged = {
    ...manifest,
    scripts: { ...manifest.scripts, ...own.scripts },
    dependencies: ranged(manifest.dependencies),
    devDependencies: { ...ranged(manifest.devDependencies), ...own.devDependencies },
    exports,
    publishConfig: access,
  };
  return [
    ...[...shared, ...additions].filter((file) => !isManifest(file)),
    { path: 'manifest.json', text: JSON.stringify(merged) },
  ];
}
