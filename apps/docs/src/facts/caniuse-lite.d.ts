/** The part of caniuse-lite that is used; it brings no types. */
declare module 'caniuse-lite' {
  const caniuse: {
    /** Packed features, by id. */
    readonly features: Readonly<Record<string, unknown>>;
    /** Support by browser and version: `y` where it is there. */
    feature(packed: unknown): { readonly stats: Readonly<Record<string, Readonly<Record<string, string>>>> };
  };
  export default caniuse;
}
