/**
 * Gives `Symbol.dispose` to engines that do not have it, so that `using` compiled by TypeScript works there. Imported
 * before any class with a `[Symbol.dispose]` method.
 */
if (Symbol.dispose === undefined) {
  Object.defineProperty(Symbol, 'dispose', { value: Symbol.for('Symbol.dispose') });
}
