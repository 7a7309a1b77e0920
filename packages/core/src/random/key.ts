/** A source of randomness as a value. */
export interface Key {
  split(n?: number): Key[];
}
