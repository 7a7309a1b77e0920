import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// Every example in a doc comment, a README or a page of the site that imports something is run, and where a line ends in a
// comment with a value, as in `sigmoid(tensor([0])).dataSync(); // [0.5]`, the value has to be that. Files go to a folder of their own. An example in a
// block that begins with `ts data` needs a data set and is only looked at by its readers.

const ofCore = createRequire(new URL('../packages/core/package.json', import.meta.url));
const root = new URL('..', import.meta.url).pathname;
const Run = Object.getPrototypeOf(async () => undefined).constructor as FunctionConstructor;

const [home, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), 'dl-examples-'))];
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

interface Example {
  name: string;
  code: string;
}

function examplesOf(file: string): Example[] {
  const source = readFileSync(`${root}${file}`, 'utf8');
  const blocks = /\.mdx?$/.test(file)
    ? source.matchAll(/^```ts(?: title=.*)?\n([\s\S]*?)\n```/gm)
    : source.matchAll(/@example\s*\n\s*\* ```ts\n([\s\S]*?)\n\s*\* ```/g);
  return [...blocks].flatMap((match) => {
    const code = match[1]!.replace(/^\s*\* ?/gm, '');
    const line = source.slice(0, match.index).split('\n').length;
    // The contract of @dl/testing registers tests of its own, which cannot be done within a test.
    return /^import .*'@dl\//m.test(code) && !code.includes('@dl/testing') ? [{ name: `${file}:${line}`, code }] : [];
  });
}

/** The sources of a package's entry, `@dl/core/ops`, as its package.json names them. */
function load(from: string): Promise<unknown> {
  const [scope, name, ...rest] = from.split('/');
  if (scope === '@tensorflow') return import(ofCore.resolve(from)) as Promise<unknown>; // the one that core computes with
  if (scope !== '@dl') return import(from) as Promise<unknown>;
  const { exports } = JSON.parse(readFileSync(`${root}packages/${name}/package.json`, 'utf8')) as {
    exports: Record<string, { '@dl/source': string }>;
  };
  const entry = exports[['.', ...rest].join('/')];
  if (entry === undefined) throw new Error(`${from} is not an entry of its package`);
  return import(`${root}packages/${name}/${entry['@dl/source']}`) as Promise<unknown>;
}

/** An example as the body of an asynchronous function: imports become calls, values in comments become checks. */
function bodyOf(code: string): string {
  const checked = code.replace(
    /^(?:const (\w+) = )?(.+?); \/\/ (\[[^\]]*\]|-?[\d.]+|true|false|'[^']*')(?:[:,;].*)?$/gm,
    (_, name: string | undefined, value: string, expected: string) =>
      `${name ? `const ${name} = ` : ''}check(${value}, ${expected});`,
  );
  const { code: plain } = transformSync(checked, { loader: 'ts', format: 'esm', target: 'es2022' });
  return plain
    .replace(/^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";/gm, (_, names: string, from: string) => {
      return `const {${names.replaceAll(' as ', ': ')}} = await load("${from}");`;
    })
    .replace(/^import \* as (\w+) from "([^"]+)";/gm, 'const $1 = await load("$2");')
    .replace(/^import\s+"([^"]+)";/gm, 'await load("$1");')
    .replace(/^export /gm, '');
}

function check(actual: unknown, expected: unknown): unknown {
  const values = ArrayBuffer.isView(actual) ? Array.from(actual as Float32Array) : actual;
  if (Array.isArray(expected) && Array.isArray(values)) {
    expect(values).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) compare(values[i], value);
  } else {
    compare(values, expected);
  }
  return actual;
}

function compare(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number' && typeof actual === 'number') expect(actual).toBeCloseTo(expected, 4);
  else expect(actual).toEqual(expected);
}

const files = globSync(
  ['README.md', 'packages/*/README.md', 'packages/*/src/**/*.ts', 'apps/docs/{docs,i18n}/**/*.mdx'],
  {
    cwd: root,
  },
);
for (const file of files.filter((name) => !/\.(test|test-d|generated)\.ts$/.test(name))) {
  const examples = examplesOf(file);
  if (examples.length === 0) continue;
  describe(file, () => {
    for (const { name, code } of examples) {
      test(name, { timeout: 60_000 }, async () => {
        const quiet = { ...console, log: () => undefined, table: () => undefined };
        await new Run('load', 'check', 'console', bodyOf(code))(load, check, quiet);
      });
    }
  });
}
