import { Script } from 'node:vm';

/** What a new package and what it exports are called. */
export interface LayerNames {
  /** `gated-sum`: the folder, and the names of files. */
  folder: string;
  /** `@dl/gated-sum`, or what is imported outside of the repository. */
  package: string;
  /** `GatedSum`: the class. */
  type: string;
  /** `gatedSum`: the function, the kernel and the spec. */
  value: string;
}

const words = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** A name, or a reason why it is none, to be read by who typed it. */
export class NameError extends Error {
  override readonly name = 'NameError';
}

/**
 * The names that follow from one: `gated-sum`, or `@me/gated-sum` for a package of a scope.
 *
 * @param scope the scope that every package has where it is made: `@dl`
 * @param taken names that the package needs for other things
 * @throws NameError for what cannot be a folder, a package and a name of TypeScript at once
 */
export function layerNames(name: string, scope: string | undefined, taken: ReadonlySet<string>): LayerNames {
  const [, ownScope, folder = ''] = /^(?:(@[a-z0-9][a-z0-9._-]*)\/)?(.*)$/s.exec(name) ?? [];
  if (ownScope !== undefined && scope !== undefined && ownScope !== scope) {
    throw new NameError(`'${name}': packages of this repository are called ${scope}/…: leave ${ownScope}/ out`);
  }
  if (!words.test(folder)) {
    throw new NameError(
      `'${name}' is no name for a layer: small letters and digits, words joined by -, as in gated-sum`,
    );
  }
  const parts = folder.split('-');
  const type = parts.map((part) => part[0]!.toUpperCase() + part.slice(1)).join('');
  const value = type[0]!.toLowerCase() + type.slice(1);
  for (const [what, word] of [
    ['class', type],
    ['function', value],
  ] as const) {
    if (isReserved(word)) throw new NameError(`'${name}' makes a ${what} '${word}', a reserved word: add a word to it`);
    if (taken.has(word)) {
      throw new NameError(`'${name}' makes a ${what} '${word}', and another thing is called that: add a word to it`);
    }
  }
  const prefix = ownScope ?? scope;
  return { folder, package: prefix === undefined ? folder : `${prefix}/${folder}`, type, value };
}

function isReserved(word: string): boolean {
  try {
    new Script(`'use strict'; async () => { const ${word} = 0; }`); // compiled, not run
    return false;
  } catch {
    return true;
  }
}
