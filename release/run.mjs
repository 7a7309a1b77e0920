import { spawn } from 'node:child_process';

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
