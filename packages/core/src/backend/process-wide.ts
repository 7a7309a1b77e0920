const KEY = Symbol.for('@dl/core');

/** One value for all copies of @dl/core in this process, made by the first that asks for it. */
export function processWide<T>(name: string, make: () => T): T {
  const root = globalThis as { [KEY]?: Map<string, unknown> };
  root[KEY] ??= new Map();
  if (!root[KEY].has(name)) root[KEY].set(name, make());
  return root[KEY].get(name) as T;
}
