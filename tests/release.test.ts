import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// What `changeset version` makes of the versions, in a folder that holds nothing but the package.json files.

const root = join(import.meta.dirname, '..');
const manifests = globSync('{packages,apps}/*/package.json', { cwd: root });

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'dl-release-'));
  for (const file of [...manifests, 'package.json', 'pnpm-workspace.yaml', '.changeset/config.json']) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  for (const file of manifests) {
    // As after a first release, whatever has been released since.
    const { version, ...manifest } = read(file);
    writeFileSync(join(copy, file), JSON.stringify({ ...manifest, version: version === '0.0.0' ? '0.1.0' : version }));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: copy, stdio: 'ignore' });
  git('init', '--initial-branch=main');
  git('add', '.', ':!node_modules');
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-m', 'start');
});
afterEach(() => rmSync(copy, { recursive: true }));

const read = (file: string, folder = root) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Manifest;
const published = () => manifests.map((file) => read(file, copy)).filter((manifest) => manifest.private !== true);

/** The packages that get another version by these changes, with that version. */
function released(changes: Record<string, 'patch' | 'minor' | 'major'>): Record<string, string> {
  const before = new Map(published().map(({ name, version }) => [name, version]));
  const lines = Object.entries(changes).map(([name, kind]) => `'${name}': ${kind}`);
  writeFileSync(join(copy, '.changeset', 'a-change.md'), `---\n${lines.join('\n')}\n---\n\nA change.\n`);
  execFileSync(join(root, 'node_modules', '.bin', 'changeset'), ['version'], { cwd: copy, stdio: 'pipe' });
  const after = published().filter(({ name, version }) => before.get(name) !== version);
  return Object.fromEntries(after.map(({ name, version }) => [name, version]));
}

function next(name: string, kind: 'patch' | 'minor'): string {
  const [major, minor, patch] = published()
    .find((manifest) => manifest.name === name)!
    .version.split('.')
    .map(Number);
  return kind === 'minor' ? `${major}.${minor! + 1}.0` : `${major}.${minor}.${patch! + 1}`;
}

test('a minor of @dl/cnn leaves the versions of all others', () => {
  const version = next('@dl/cnn', 'minor');
  expect(released({ '@dl/cnn': 'minor' })).toEqual({ '@dl/cnn': version });
  expect(readFileSync(join(copy, 'packages', 'cnn', 'CHANGELOG.md'), 'utf8')).toContain('A change.');
});

test('a patch of @dl/core leaves them too: the ranges of those that depend on it take it', () => {
  expect(Object.keys(released({ '@dl/core': 'patch' }))).toEqual(['@dl/core']);
});

test('what no longer fits the range of a package releases that package', () => {
  const dependents = published().filter(({ dependencies, peerDependencies }) => {
    return { ...dependencies, ...peerDependencies }['@dl/core'] !== undefined;
  });
  const changed = Object.keys(released({ '@dl/core': 'major' }));
  expect(changed.sort()).toEqual(['@dl/core', ...dependents.map(({ name }) => name)].sort());
});
