import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { LayerNames } from './layer-names';

// A template is a folder of real sources of a layer called new-layer: NewLayer, newLayer, @dl/new-layer.

/** A file of a template: its path there, with slashes, and its text. */
export interface TemplateFile {
  path: string;
  text: string;
}

const line = 'What new-layer is, in one line';

/** The files of a folder of templates, but what is compiled from others. */
export function templateFiles(folder: string): TemplateFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.generated.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      path: relative(folder, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }));
}

/** Every word of the sources, which a layer cannot be called. */
export function wordsOf(files: readonly TemplateFile[]): Set<string> {
  const sources = files.filter(({ path }) => path.endsWith('.ts'));
  const words = new Set(sources.flatMap(({ text }) => text.match(/[A-Za-z_]\w*/g) ?? []));
  for (const own of ['NewLayer', 'newLayer']) words.delete(own);
  return words;
}

/** A file of the template with the names and the line of a layer in their places. */
export function filledIn({ path, text }: TemplateFile, names: LayerNames, oneLine: string): TemplateFile {
  const named = (source: string) =>
    source
      .replaceAll('@dl/new-layer', () => names.package)
      .replaceAll('new-layer', () => names.folder)
      .replaceAll('NewLayer', () => names.type)
      .replaceAll('newLayer', () => names.value);
  const parts = text.split(line).map(named);
  let filled = parts[0]!;
  for (const part of parts.slice(1)) filled += written(oneLine, path, filled) + part;
  return { path: named(path), text: filled };
}

/** The line as the kind of file that it stands in wants it. */
function written(oneLine: string, path: string, before: string): string {
  if (path.endsWith('.json')) return JSON.stringify(oneLine).slice(1, -1);
  if (/^description: $/m.test(before.slice(before.lastIndexOf('\n') + 1))) return JSON.stringify(oneLine);
  return path.endsWith('.mdx') ? oneLine.replace(/[{}<>\\$*_`[\]]/g, '\\$&') : oneLine;
}
