/** Runs the suite's own correctness part under NVIDIA's compute-sanitizer, which watches every access of every thread. */
import { spawnSync } from "node:child_process";

export interface Sanitized {
  readonly tool: string;
  readonly ok: boolean;
  /** The end of what it printed, where something is wrong. */
  readonly output: string;
}

const command = "compute-sanitizer";
/** Accesses outside and misaligned; races in shared memory; reads of what nobody wrote; barriers that not all reach. */
const tools = ["memcheck", "racecheck", "initcheck", "synccheck"] as const;

/** Each tool over this program with these arguments; why not, where there is no compute-sanitizer. */
export function sanitize(args: readonly string[], progress: (what: string) => void): readonly Sanitized[] | string {
  if (spawnSync(command, ["--version"]).status !== 0) return `${command} was not found: it comes with the CUDA toolkit`;
  return tools.map((tool) => {
    progress(`${command} --tool ${tool}`);
    const own = ["--tool", tool, "--error-exitcode", "99", "--target-processes", "all"];
    const { status, stdout, stderr } = spawnSync(command, [...own, process.execPath, ...process.execArgv, ...args], {
      encoding: "utf8",
      timeout: 1_200_000,
    });
    const output = status === 0 ? "" : `${stdout}${stderr}`.slice(-4000);
    return { tool, ok: status === 0, output };
  });
}
