/** How long it is waited for what comes by itself. */
const WAIT_MS = 10_000;

/** Waits until `check` throws nothing; throws what it throws when that takes too long. */
export async function until(check: () => void): Promise<void> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    try {
      check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
