/** Every golden file under test/golden; golden-case.ts says what one is. `UPDATE=1` writes outputs anew. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import type { Pass } from "../compiler/pass.ts";
import { actualFaults, checksOf, expectedFaults, readCase, sameText } from "./golden-case.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** All passes by name, from the rooms that have some. */
async function passTable(): Promise<Record<string, Pass>> {
  const table: Record<string, Pass> = {};
  for (const room of ["compiler/passes", "compiler/schedule", "ad"]) {
    const index = join(dirname(here), room, "index.ts");
    if (!existsSync(index)) continue;
    const { passes } = (await import(pathToFileURL(index).href)) as {
      readonly passes?: Readonly<Record<string, Pass>>;
    };
    Object.assign(table, passes ?? {});
  }
  return table;
}

const table = await passTable();
const update = process.env.UPDATE === "1";
const files = readdirSync(join(here, "golden"), { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  // Those of the frontend are held against the TypeScript beside them (frontend/lower.test.ts).
  .filter((name) => name.endsWith(".ir") && !name.startsWith("frontend/"))
  .sort();

for (const name of files) {
  const path = join(here, "golden", name);
  const text = readFileSync(path, "utf8");
  if (name.startsWith("verify/")) {
    test(`${name}: faults`, () => {
      sameText(`${actualFaults(text, path).join("\n")}\n`, `${expectedFaults(text).join("\n")}\n`);
    });
  } else {
    for (const [what, check] of Object.entries(checksOf(readCase(path, text), table, update))) {
      test(`${name}: ${what}`, check);
    }
  }
}

test.run();
