// Publishes every public package whose version the registry lacks, from the tarball that pnpm packs.
//
//   node release/publish.mjs [--registry URL] [--provenance]
//
// --provenance signs where a package was built, which works in the CI that builds it only.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packed, publicPackages } from './packages.mjs';
import { run } from './run.mjs';

const { registry, provenance } = parseArgs({
  options: { registry: { type: 'string' }, provenance: { type: 'boolean', default: false } },
}).values;
const there = registry === undefined ? [] : ['--registry', registry];

const work = await mkdtemp(join(tmpdir(), 'dl-publish-'));
try {
  for (const { folder, manifest } of await publicPackages()) {
    const spec = `${manifest.name}@${manifest.version}`;
    if (await isPublished(spec)) {
      console.log(`${spec} is published`);
      continue;
    }
    const tarball = (await packed(work, [folder]))[folder];
    const options = ['--access', 'public', ...(provenance ? ['--provenance'] : []), ...there];
    await run('npm', ['publish', tarball, ...options]);
    console.log(`published ${spec}`);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

/** A registry that cannot be asked is an error, not an answer. */
async function isPublished(spec) {
  try {
    // What npm says is read below, even where `npm run --silent` told it to be quiet.
    return (await run('npm', ['view', spec, 'version', '--loglevel', 'error', ...there])).trim() !== '';
  } catch (error) {
    if (/\bE404\b/.test(error.message)) return false;
    throw error;
  }
}
