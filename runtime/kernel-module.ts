/**
 * A kernel file as a module of Node: how one is known, which functions it exports, and the JavaScript that stands for it when
 * a program imports it. All of it is read off the file's tokens: Node asks while it links modules, before anything is compiled,
 * and loading TypeScript would take longer than many a compilation.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ScalarName } from "../kernel-types.ts";

/** What `tsgpu` has for kernel files; who imports anything else from there is a program. */
const scalars: Readonly<Record<ScalarName, true>> = {
  f64: true,
  f32: true,
  f16: true,
  i32: true,
  u32: true,
  index: true,
  real: true,
  bool: true,
};

/** One name in the braces of an import or export: `type name as alias`. */
interface Specifier {
  readonly isType: boolean;
  readonly name: string;
  readonly alias: string;
}

/** What a file says at its top level about other modules, and which functions it exports. */
interface Surface {
  readonly imports: readonly { readonly from: string; readonly names: readonly string[] }[];
  readonly functions: readonly string[];
  /** The modules of `export * from`. */
  readonly passesOn: readonly string[];
}

const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|[\p{ID_Start}$_][\p{ID_Continue}$]*|\S/gu;
const closingOf: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const isString = (t: string | undefined): t is string => t !== undefined && /^["']/.test(t);
const isName = (t: string | undefined): t is string => t !== undefined && /^[\p{ID_Start}$_]/u.test(t);

function surfaceOf(text: string): Surface {
  const tokens = [...text.matchAll(token)].map(([t]) => t).filter((t) => !/^\/[/*]/.test(t));
  const imports: { from: string; names: readonly string[] }[] = [];
  const imported = new Set<string>();
  const declared = new Set<string>();
  /** What the file calls `customGradient`. */
  const makers = new Set<string>();
  const exported: Specifier[] = [];
  const functions: string[] = [];
  const passesOn: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const t = tokens[i] as string;
    if (t in closingOf) i = closing(tokens, i);
    else if (t === "function") {
      const name = tokens[i + 1];
      if (!isName(name)) continue;
      declared.add(name);
      if (tokens[i - 1] === "export") functions.push(name);
    } else if (t === "const" && makers.has(initialOf(tokens, i) ?? "")) {
      const name = tokens[i + 1] as string;
      declared.add(name);
      if (tokens[i - 1] === "export") functions.push(name);
    } else if (t === "import" && tokens[i + 1] !== "(" && tokens[i + 1] !== ".") {
      const end = tokens.findIndex((s, k) => k > i && isString(s));
      if (end < 0) break;
      const clause = tokens.slice(i + 1, end);
      const braces = clause.indexOf("{");
      const specifiers = braces < 0 ? [] : specifiersOf(clause.slice(braces + 1, clause.lastIndexOf("}")));
      // The module as a whole, or its default, is `*` or `default` here.
      const whole = clause[clause[0] === "type" ? 1 : 0];
      const names = specifiers.map((s) => s.name);
      if (whole !== "{" && whole !== undefined && whole !== "from") names.push(whole === "*" ? "*" : "default");
      imports.push({ from: unquoted(tokens[end] as string), names });
      for (const s of specifiers) if (!s.isType && clause[0] !== "type") imported.add(s.alias);
      for (const s of specifiers) if (s.name === "customGradient") makers.add(s.alias);
      i = end;
    } else if (t === "export" && tokens[i + 1] === "{") {
      const end = closing(tokens, i + 1);
      const specifiers = specifiersOf(tokens.slice(i + 2, end)).filter((s) => !s.isType);
      const elsewhere = tokens[end + 1] === "from" && isString(tokens[end + 2]);
      if (elsewhere) functions.push(...specifiers.map((s) => s.alias));
      else exported.push(...specifiers);
      i = elsewhere ? end + 2 : end;
    } else if (t === "export" && tokens[i + 1] === "*" && tokens[i + 2] === "from" && isString(tokens[i + 3])) {
      passesOn.push(unquoted(tokens[i + 3] as string));
      i += 3;
    }
  }
  for (const s of exported) if (declared.has(s.name) || imported.has(s.name)) functions.push(s.alias);
  return { imports, functions: [...new Set(functions)], passesOn };
}

/** With what the value of the constant declared at `start` begins; its type may stand before the `=`. */
function initialOf(tokens: readonly string[], start: number): string | undefined {
  for (let i = start + 1; i < tokens.length && tokens[i] !== ";"; i++) {
    if (tokens[i] === "=" && tokens[i + 1] !== ">") return tokens[i + 1];
  }
  return undefined;
}

/** Where the bracket that opens at `start` closes. */
function closing(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const t = tokens[i] as string;
    if (t in closingOf) depth++;
    else if (t === ")" || t === "]" || t === "}") depth--;
    if (depth === 0) return i;
  }
  return tokens.length;
}

function specifiersOf(tokens: readonly string[]): readonly Specifier[] {
  const out: Specifier[] = [];
  for (let i = 0; i < tokens.length; ) {
    const comma = tokens.indexOf(",", i);
    const words = tokens.slice(i, comma < 0 ? tokens.length : comma);
    i += words.length + 1;
    const isType = words.length > 1 && words[0] === "type" && words[1] !== "as";
    const name = words[isType ? 1 : 0];
    if (name !== undefined) out.push({ isType, name, alias: words.at(-1) as string });
  }
  return out;
}

const unquoted = (literal: string): string => literal.slice(1, -1);

/**
 * Whether a TypeScript file is a kernel file: it exports functions, and imports from `tsgpu/kernel`, or from `tsgpu`
 * scalar types and nothing else.
 */
export function isKernelFile(text: string): boolean {
  // Most files of a program end here.
  if (!text.includes("tsgpu")) return false;
  const surface = surfaceOf(text);
  return surface.functions.length > 0 && isForKernels(surface);
}

/** Whether a TypeScript file is meant to be a kernel file, by its imports: what it exports may still be wrong. */
export const isMeantForKernels = (text: string): boolean => isForKernels(surfaceOf(text));

function isForKernels({ imports }: Surface): boolean {
  const own = imports.filter(({ from }) => from === "tsgpu" || from === "tsgpu/kernel");
  const known = own.every(({ from, names }) => from === "tsgpu/kernel" || names.every((name) => name in scalars));
  return own.length > 0 && known;
}

/** The functions that a kernel file exports, and those of other files that it passes on. */
export function exportedFunctions(file: URL, seen: Set<string> = new Set()): readonly string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const { functions, passesOn } = surfaceOf(readFileSync(file, "utf8"));
  const others = passesOn
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => sourceBeside(specifier, file))
    .flatMap((other) => (other === null ? [] : exportedFunctions(other, seen)));
  return [...new Set([...functions, ...others])];
}

/** `./dot.ts`, `./dot.js` and `./dot` all mean the `dot.ts` beside a file. */
function sourceBeside(specifier: string, file: URL): URL | null {
  const names = [specifier, specifier.replace(/\.([cm]?)js$/, ".$1ts"), `${specifier}.ts`];
  return names.map((name) => new URL(name, file)).find((url) => /ts$/.test(url.pathname) && existsSync(url)) ?? null;
}

/** How kernels are compiled that do not say it themselves: `target=wasm,mode=strict`. */
const defaults = new URLSearchParams((process.env.TSGPU_REGISTER ?? "").replaceAll(",", "&"));

/** The options of an import of a kernel file, as `load` takes them; it knows which there are. */
export function optionsOf(query: URLSearchParams = new URLSearchParams()): Record<string, string> {
  return Object.fromEntries([...defaults, ...query].filter(([name]) => name !== "kernel"));
}

const isTypeScript = (path: string): boolean => /(?<!\.d)\.[cm]?ts$/.test(path);

/** What marks the URLs of kernel files. */
const marker = "kernel";

/** The URL under which a resolved import is loaded as kernels, with `?kernel`; null where it is no kernel file. */
export function kernelUrl(resolved: string): string | null {
  if (!resolved.startsWith("file:") || !isTypeScript(new URL(resolved).pathname)) return null;
  const url = new URL(resolved);
  if (url.searchParams.has(marker)) return url.href;
  if (!existsSync(url) || !isKernelFile(readFileSync(url, "utf8"))) return null;
  url.searchParams.append(marker, "");
  return url.href;
}

/** The JavaScript of a URL that `kernelUrl` gave: the file's functions, compiled. Null for other URLs. */
export function moduleOf(href: string): string | null {
  if (!href.startsWith("file:")) return null;
  const url = new URL(href);
  if (!isTypeScript(url.pathname) || !url.searchParams.has(marker)) return null;
  const options = optionsOf(url.searchParams);
  url.search = "";
  const names = exportedFunctions(url);
  // Kernels may have any name, so that the module's own must not be in their way.
  const list = (pair: (name: string, local: string) => string): string =>
    names.map((name, k) => pair(name, `kernel${k}`)).join(", ");
  return `import { load } from ${JSON.stringify(loadUrl)};
const { ${list((name, local) => `${name}: ${local}`)} } = await load(${JSON.stringify(fileURLToPath(url))}, ${JSON.stringify(options)});
export { ${list((name, local) => `${local} as ${name}`)} };
`;
}

/** `load`, beside this file in the sources as in `dist/`. */
export const loadUrl = new URL(`./load.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url).href;
