/** How a test file says that something was not tested, and why: the runner prints and counts these lines. */

/** What `test/run.ts` looks for at the start of a line. */
export const skipMark = "SKIP ";

/** Reports one test that could not run here: `skip("native: saxpy", "libLLVM is not installed")`. */
export function skip(name: string, reason: string): void {
  console.log(`${skipMark}${name}: ${reason}`);
}
