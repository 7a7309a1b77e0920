import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * The sizes of every entry of a package, as a page pays for them: all that the entry exports, with all it imports of this
 * project, minified; with tfjs and without. Entries without JavaScript have none.
 *
 * @param folder the folder of the package, built
 * @param manifest its package.json
 */
export async function sizesOf(folder, manifest) {
  const entries = Object.entries(manifest.exports).flatMap(([entry, conditions]) => {
    const file = conditions.import?.default;
    return file === undefined ? [] : [{ entry, file: join(folder, file) }];
  });
  return Promise.all(
    entries.map(async ({ entry, file }) => {
      const [without, withTfjs] = [await bundled(file, ['@tensorflow/*']), await bundled(file, [])];
      return {
        package: manifest.name,
        entry,
        minified: without.length,
        gzip: gzipSync(without, { level: 9 }).length,
        withTfjsGzip: gzipSync(withTfjs, { level: 9 }).length,
      };
    }),
  );
}

async function bundled(file, external) {
  const { outputFiles } = await build({
    // A bundler drops what nobody imports: here, everything is.
    stdin: { contents: `export * from ${JSON.stringify(file)};`, resolveDir: '/' },
    external: [...external, 'vitest', 'node:*', ...builtinModules], // what Node has counts for nothing
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}

/**
 * What is wrong with the sizes, in words: entries larger than their budget in kB of gzip (those that the budgets do not name
 * have that of `others`), and budgets that would take an entry of twice the size.
 */
export function complaints(sizes, budgets) {
  return sizes.flatMap((size) => {
    const name = join(size.package, size.entry);
    const own = budgets.entries[name];
    const budget = own ?? budgets.others;
    const found = `${name} has ${(size.gzip / 1000).toFixed(1)} kB (gzip, without tfjs), its budget is ${budget} kB`;
    if (size.gzip > budget * 1000) {
      return [`${found}: find the import that brought it, or raise the budget in size/budgets.json and say why`];
    }
    if (own !== undefined && 2 * size.gzip <= budget * 1000)
      return [`${found}, which would not notice it doubled: lower it`];
    return [];
  });
}
