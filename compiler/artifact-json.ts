/**
 * Compiled kernels as JSON: what `tsgpu compile --target webgpu` writes and a page loads (runtime/browser.ts). The launch programs are
 * in it as IR text, which says all of them but the source lines.
 */
import { type Artifact, type Entry, isGpuTarget } from "./artifact.ts";
import { parse } from "./ir/parse.ts";
import { print } from "./ir/print.ts";

/** Whoever reads it must know this version. */
const version = 1;

interface Json {
  readonly tsgpu: typeof version;
  readonly target: Artifact["target"];
  readonly file: string;
  readonly entries: readonly Entry[];
  readonly program: string;
  readonly code: string;
}

/** The JSON of an artifact whose code is text. */
export function artifactToJson({ target, file, entries, program, code }: Artifact): string {
  if (typeof code !== "string" || !isGpuTarget(target)) throw new TypeError(`an artifact of ${target} is no JSON`);
  const json: Json = {
    tsgpu: version,
    target,
    file: file.replace(/^.*[\\/]/, ""),
    entries,
    program: print(program),
    code,
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** @throws TypeError where the text is no artifact, or one of another version */
export function artifactFromJson(text: string): Artifact {
  const json = JSON.parse(text) as Partial<Json> | null;
  if (json?.tsgpu !== version) throw new TypeError("this is no JSON of `tsgpu compile`, or one of another version");
  const { target, file, entries, program, code } = json as Json;
  return { target, file, entries, program: parse(program), code };
}
