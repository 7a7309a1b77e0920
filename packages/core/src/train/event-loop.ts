/** How long training holds the thread at a time, in milliseconds: a frame of a page. */
const SLICE = 16;

/** Resolves in a task of its own, after the timers, clicks and messages that wait. */
function nextTask(): Promise<void> {
  return new Promise(post);
}

// setTimeout waits 4 ms at least once it is nested; these two do not.
const post: (f: () => void) => void =
  typeof setImmediate === 'function'
    ? (f) => void setImmediate(f)
    : typeof MessageChannel === 'function'
      ? channelPost()
      : (f) => void setTimeout(f, 0);

function channelPost(): (f: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (f) => {
    waiting.push(f);
    port2.postMessage(null);
  };
}

let sliceEnd = 0;

/**
 * Whether the event loop has had no turn for a while. The clock is one for all trainings and predictions of the thread:
 * `if (isSliceOver()) await nextSlice()`.
 */
export function isSliceOver(): boolean {
  return performance.now() >= sliceEnd;
}

/** Lets the event loop have its turn. */
export async function nextSlice(): Promise<void> {
  await nextTask();
  sliceEnd = performance.now() + SLICE;
}
