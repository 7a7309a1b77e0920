import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);
const tfjs = require('@tensorflow/tfjs-core') as Record<string, unknown>;
const root = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist') + sep;

/** Inner files that tfjs-core shows as a namespace instead of at its top level. */
const namespaces = new Map([
  ['util', 'util'],
  ['util_base', 'util'],
  ['axis_util', 'backend_util'],
  ['broadcast_util', 'backend_util'],
  ['conv_util', 'backend_util'],
  ['selu_util', 'backend_util'],
  ['slice_util', 'slice_util'],
]);

/** What is public in another form: the public name, and the inner value made of it. */
const otherForms = new Map([
  ['ENGINE', { name: 'engine', value: 'engine()' }],
  ['getGlobalTensorClass', { name: 'Tensor', value: '() => Tensor' }],
]);

/**
 * Lets the bundle take tfjs-core's gradient definitions without the rest of tfjs-core: whatever they import from inner
 * files that is also public comes from '@tensorflow/tfjs-core', so that only the definitions and the few operations
 * that tfjs-core does not export are copied. The names are checked against the installed tfjs-core.
 */
export const tfjsGradients: Plugin = {
  name: 'tfjs-gradients',
  setup(build) {
    build.onLoad({ filter: /tfjs-core[\\/]dist[\\/].*\.js$/ }, ({ path }) =>
      path.startsWith(root) ? { contents: usePublicExports(readFileSync(path, 'utf8')), loader: 'js' } : undefined,
    );
  },
};

function usePublicExports(source: string): string {
  return source.replace(
    /^import (?:\* as (\w+)|\{([^}]*)\}) from '(\.[^']*)';/gm,
    (statement, alias: string | undefined, names: string | undefined, path: string) => {
      const namespace = namespaces.get(basename(path));
      if (alias !== undefined) {
        if (namespace === undefined) return statement;
        for (const [, member] of source.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))) find(namespace, member!);
        return `import { ${namespace} as ${alias} } from '@tensorflow/tfjs-core';`;
      }
      return names!
        .split(',')
        .map((name) => importOf(name.trim(), path, namespace))
        .join('\n');
    },
  );
}

function importOf(name: string, path: string, namespace: string | undefined): string {
  if (namespace !== undefined) {
    find(namespace, name);
    return `import { ${namespace} as from_${name} } from '@tensorflow/tfjs-core';\nconst { ${name} } = from_${name};`;
  }
  const other = otherForms.get(name);
  if (other !== undefined) {
    return `import { ${other.name} } from '@tensorflow/tfjs-core';\nconst ${name} = ${other.value};`;
  }
  return `import { ${name} } from '${name in tfjs ? '@tensorflow/tfjs-core' : path}';`;
}

function find(namespace: string, member: string): void {
  if (!(member in (tfjs[namespace] as object))) throw new Error(`tfjs-core exports no ${namespace}.${member}`);
}
