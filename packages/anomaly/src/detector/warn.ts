/** Tells of something that works but is hardly meant; Node prints it once with its code, a page to its console. */
export function warn(detector: string, message: string): void {
  const text = `${detector}: ${message}`;
  const { process } = globalThis as { process?: { emitWarning?: (text: string, options: { type: string }) => void } };
  if (process?.emitWarning) process.emitWarning(text, { type: 'AnomalyWarning' });
  else console.warn(text);
}
