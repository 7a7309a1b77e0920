/** The Euler-Mascheroni constant. */
const GAMMA = 0.5772156649015329;

/**
 * The mean number of edges to a leaf in a random binary search tree over n values: what an isolation tree would still
 * need to tell n rows apart. c(0) = c(1) = 0, c(2) = 1, else 2 (ln(n - 1) + gamma) - 2 (n - 1) / n.
 */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  return n === 2 ? 1 : 2 * (Math.log(n - 1) + GAMMA) - (2 * (n - 1)) / n;
}
