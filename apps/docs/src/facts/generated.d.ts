declare module '@generated/facts/default/facts.json' {
  const facts: import('./facts.ts').Facts;
  export default facts;
}
