import { spawn } from 'node:child_process';

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

/** Runs a program and gives its standard output; a non-zero exit, a signal or the time limit is an error. */
export function run(command, args, { cwd, env = {}, seconds = 120 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (text) => {
      out += text;
      all += text;
    });
    child.stderr.on('data', (text) => {
      all += text;
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(out);
      else reject(new Error(`${[command, ...args].join(' ')}: exit ${code ?? signal}\n${all.slice(-4000)}`));
    });
  });
}
