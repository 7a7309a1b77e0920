declare module '@generated/browser-bundle/default/modules.js' {
  /** Every entry of every package, by the name it is imported by. */
  export const modules: Readonly<Record<string, (() => Promise<unknown>) | undefined>>;
}

declare module '*?raw' {
  const text: string;
  export default text;
}
