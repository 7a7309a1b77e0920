/** Points of a wave with a little noise: the same in every browser and when the page is built. */
export const points: readonly (readonly [x: number, y: number])[] = Array.from({ length: 40 }, (_, i) => {
  const x = (2 * i) / 39 - 1;
  // A fraction that looks random: the golden ratio spreads it evenly.
  const noise = ((i * 0.618034 * 7) % 1) - 0.5;
  return [x, Math.sin(4 * x) * Math.exp(-0.5 * x * x) + 0.35 * noise] as const;
});
