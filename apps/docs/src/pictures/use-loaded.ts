import { useEffect, useState } from 'react';

/** What `load` resolves to, or `undefined` until it has: packages are fetched only by the pictures that compute with them. */
export function useLoaded<T>(load: () => Promise<T>): T | undefined {
  const [loaded, setLoaded] = useState<T>();
  // The first `load` counts: a picture's packages do not change while it is shown.
  useEffect(() => {
    let gone = false;
    load().then(
      (value) => {
        if (!gone) setLoaded(() => value);
      },
      (error: unknown) =>
        setLoaded(() => {
          throw error;
        }),
    );
    return () => {
      gone = true;
    };
  }, []);
  return loaded;
}

/** `@dl/core` with its backend started. */
export async function loadCore(): Promise<typeof import('@dl/core')> {
  const core = await import('@dl/core');
  await core.init();
  return core;
}
