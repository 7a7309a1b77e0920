import { readFileSync, writeFileSync } from 'node:fs';
import { type Application, Converter, type ProjectReflection, Reflection, ReflectionKind } from 'typedoc';
import { MarkdownPageEvent, MarkdownRendererEvent } from 'typedoc-plugin-markdown';

/** What the reference of one package needs to know beside its sources; `site/api.ts` hands it over as a file. */
export interface ApiRun {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Entries as they are imported: `@dl/core/ops`. */
  readonly entries: readonly string[];
  /** Where the symbols of the packages made before are read: `@dl/core:Module` to a path of the site. */
  readonly links: Readonly<Record<string, string>>;
  /** Where this package is read: `/api/core/`. */
  readonly base: string;
  /** File that receives the links to this package. */
  readonly linksOut: string;
}

const documented =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.Enum;

/** Plugin of TypeDoc: names of entries, the first page, and links between packages. */
export function load(app: Application): void {
  const file = process.env.DL_API_RUN;
  if (file === undefined) throw new Error('site/api.ts runs TypeDoc: it sets DL_API_RUN');
  const run = JSON.parse(readFileSync(file, 'utf8')) as ApiRun;
  const modules = (project: ProjectReflection) => project.getChildrenByKind(ReflectionKind.Module);
  const imported = (module: string) => (module === run.id ? run.name : `${run.name}/${module}`);

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: { project: ProjectReflection }) => {
    for (const module of modules(project)) if (module.name === 'index') module.name = run.id;
  });
  app.converter.addUnknownSymbolResolver((_reference, _reflection, _part, symbol) =>
    symbol === undefined ? undefined : run.links[`${symbol.packageName}:${symbol.qualifiedName}`],
  );

  app.renderer.on(MarkdownPageEvent.END, (event: unknown) => {
    const page = event as MarkdownPageEvent;
    if (!(page.model instanceof Reflection)) return;
    const { model } = page;
    if (model.isProject()) {
      const contents = page.contents.replace(/^# .*\n/, '').replace(/^## Modules\n[^#]*/m, '');
      page.contents = `${frontmatter({ title: run.name, sidebar_label: 'Overview', sidebar_position: 0, description: run.description })}${cover(run)}${contents}`;
      return;
    }
    const module = model.kindOf(ReflectionKind.Module);
    const name = module ? imported(model.name) : model.name;
    const description = `${name}: ${module ? `everything that ${name} exports` : `class of ${run.name}`}`;
    page.contents = frontmatter({ title: name, description }) + page.contents.replace(/^# .*\n/, '');
  });

  app.renderer.on(MarkdownRendererEvent.END, (event: unknown) => {
    const { project, outputDirectory } = event as MarkdownRendererEvent;
    const category = (folder: string, label: string, position?: number) =>
      writeFileSync(`${outputDirectory}/${folder}/_category_.json`, JSON.stringify({ label, position }));
    for (const module of modules(project)) {
      category(module.name, imported(module.name), 1 + run.entries.indexOf(imported(module.name)));
    }
    const links: Record<string, string> = {};
    for (const reflection of Object.values(project.reflections)) {
      if (!reflection.kindOf(documented) || !app.renderer.router?.hasUrl(reflection)) continue;
      const symbol = project.getSymbolIdFromReflection(reflection);
      if (symbol === undefined) continue;
      const [path = '', anchor] = app.renderer.router.getFullUrl(reflection).split('#');
      const page = path.replace(/\.md$/, '/').replace(/(^|\/)index\/$/, '$1');
      links[`${symbol.packageName}:${symbol.qualifiedName}`] ??= `${run.base}${page}${anchor ? `#${anchor}` : ''}`;
    }
    writeFileSync(run.linksOut, JSON.stringify(links));
  });
}

function frontmatter(fields: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `---\n${lines.join('\n')}\n---\n\n`;
}

/** The first page of a package: what it is, which version this is, how to install it, and its entries. */
function cover({ name, version, description, entries, id }: ApiRun): string {
  const rows = entries.map((entry) => {
    const folder = entry === name ? id : entry.slice(name.length + 1);
    return entries.length === 1 ? `- \`${entry}\`` : `- [\`${entry}\`](./${folder}/index.md)`;
  });
  return [
    `${description}\n`,
    `**Version ${version}** of \`${name}\` is what these pages describe.\n`,
    `\`\`\`sh\nnpm install ${name}\n\`\`\`\n`,
    `## Entries\n\n${rows.join('\n')}\n\n`,
  ].join('\n');
}
