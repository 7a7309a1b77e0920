let passed = 0;
let failed = 0;

/** Runs one check and prints a line for it; a check fails by throwing. */
export async function check(name, run) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const detail = await run();
    passed++;
    console.log(`ok    ${name} (${detail ? `${detail}, ` : ''}${seconds()})`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name} (${seconds()})\n${String(error.message ?? error).replace(/^/gm, '      ')}`);
  }
}

/** Prints the closing line; the exit code is 1 if a check failed. */
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
