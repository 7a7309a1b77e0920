import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLayer } from './create-layer';
import { NameError } from './layer-names';

const root = join(import.meta.dirname, '..', '..', '..');
const templates = join(import.meta.dirname, '..', 'template');
const ranges = { '@dl/core': '^1.2.3', '@dl/testing': '^2.0.0' };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'dl-create-layer-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const create = (name: string, line = 'Sums under a gate') => createLayer({ name, line, cwd, templates, ranges });
const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8');
const json = (...path: string[]) => JSON.parse(read(...path)) as Record<string, unknown>;

function asRepository(): void {
  mkdirSync(join(cwd, 'packages', 'other', 'src'), { recursive: true });
  writeFileSync(join(cwd, 'package.json'), '{ "name": "dl-monorepo" }');
  writeFileSync(join(cwd, 'packages', 'other', 'src', 'known.ts'), "export const known = defineSpec('known', build);");
}

describe('outside of the repository', () => {
  test('the package depends on versions and stands alone', () => {
    const { names, folder } = create('gated-sum');
    expect(names).toEqual({ folder: 'gated-sum', package: 'gated-sum', type: 'GatedSum', value: 'gatedSum' });
    expect(folder).toBe(join(cwd, 'gated-sum'));
    const manifest = json('gated-sum', 'package.json');
    expect(manifest).toMatchObject({
      name: 'gated-sum',
      description: 'Sums under a gate',
      dependencies: { '@dl/core': '^1.2.3' },
      devDependencies: { '@dl/testing': '^2.0.0' },
    });
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:|@dl\/source/);
    expect(readdirSync(join(cwd, 'gated-sum')).sort()).toEqual(
      ['.gitignore', 'README.md', 'kernels', 'package.json', 'src', 'tsconfig.json', 'tsup.config.ts'].sort(),
    );
    expect(existsSync(join(cwd, 'apps'))).toBe(false);
  });

  test('a scope of its own', () => {
    expect(create('@me/gated-sum').names.package).toBe('@me/gated-sum');
    expect(read('gated-sum', 'README.md')).toContain("from '@me/gated-sum'");
  });

  test('tools of the versions that the repository has', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const own = JSON.parse(readFileSync(join(templates, 'standalone', 'manifest.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(own.devDependencies))
      expect([name, devDependencies[name]]).toEqual([name, version]);
  });
});

describe('within the repository', () => {
  test('package, chapters, example, consumer and changeset, found from any folder', () => {
    asRepository();
    const { repository, names } = createLayer({
      ...{ name: 'gated-sum', line: 'Sums', templates, ranges },
      cwd: join(cwd, 'packages', 'other'),
    });
    expect(repository).toBe(cwd);
    expect(names.package).toBe('@dl/gated-sum');
    expect(json('packages', 'gated-sum', 'package.json')).toMatchObject({
      dependencies: { '@dl/core': 'workspace:^' },
    });
    for (const file of [
      'packages/gated-sum/tsconfig.json',
      'packages/gated-sum/src/layers/gated-sum.test.ts',
      'apps/docs/docs/layers/gated-sum.mdx',
      'apps/docs/i18n/ko/docusaurus-plugin-content-docs/current/layers/gated-sum.mdx',
      'apps/docs/examples/gated-sum/fit-a-wave.ts',
      'tests/packages/consumers/gated-sum.ts',
      '.changeset/first-gated-sum.md',
    ]) {
      expect(existsSync(join(cwd, file)), file).toBe(true);
    }
  });

  test('nothing of the template stays', () => {
    asRepository();
    for (const file of create('gated-sum').files) {
      expect(`${file}\n${readFileSync(file, 'utf8')}`).not.toMatch(/new-?layer/i);
    }
  });

  test('a layer that exists is not defined a second time', () => {
    asRepository();
    expect(() => create('known')).toThrow("the layer 'known' exists, in packages/other/src/known.ts");
  });
});

test('the line is written as each file wants it', () => {
  asRepository();
  create('gated-sum', 'Says "a_b" of {x} < 3: $1 & $& \\ more');
  expect(json('packages', 'gated-sum', 'package.json').description).toBe('Says "a_b" of {x} < 3: $1 & $& \\ more');
  const [, description] = /^description: (.*)$/m.exec(read('apps/docs/docs/layers/gated-sum.mdx'))!;
  expect(JSON.parse(description!)).toBe('Says "a_b" of {x} < 3: $1 & $& \\ more');
  expect(read('apps/docs/docs/layers/gated-sum.mdx')).toContain(
    '\nSays "a\\_b" of \\{x\\} \\< 3: \\$1 & \\$& \\\\ more\n',
  );
});

describe('refused', () => {
  test.each(['', 'Gated', 'gated_sum', '-gated', 'gated--sum', '3d', '../up', 'a b', '@me/', 'gated/sum'])(
    '%j',
    (name) => {
      expect(() => create(name)).toThrow(NameError);
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  test.each(['while', 'await', 'linear', 'module', 'tensor', 'scale'])('%s, which means something else', (name) => {
    expect(() => create(name)).toThrow(`'${name}' makes a`);
  });

  test('another scope than that of the repository', () => {
    asRepository();
    expect(() => create('@me/gated-sum')).toThrow('leave @me/ out');
  });

  test.each(['', ' ', 'two\nlines'])('the line %j', (line) => {
    expect(() => create('gated-sum', line)).toThrow('one line');
  });

  test('a folder that exists', () => {
    mkdirSync(join(cwd, 'gated-sum'));
    expect(() => create('gated-sum')).toThrow('exists');
  });

  test('a file of the site that exists, before anything is written', () => {
    asRepository();
    mkdirSync(join(cwd, 'apps/docs/docs/layers'), { recursive: true });
    writeFileSync(join(cwd, 'apps/docs/docs/layers/gated-sum.mdx'), 'mine');
    expect(() => create('gated-sum')).toThrow('gated-sum.mdx');
    expect(existsSync(join(cwd, 'packages', 'gated-sum'))).toBe(false);
  });
});
