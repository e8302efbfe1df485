/** `tsgpu targets`: what this machine can run kernels on, and what to install for the rest. */
import Table from "cli-table3";
import type { Command } from "commander";
import { addJson } from "./options.ts";
import { type JsonTo, jsonOnStdout, paint, plainTable, writeJson } from "./output.ts";
import { type Availability, availability, defaultTarget } from "./toolchains.ts";

export function define(command: Command): void {
  addJson(command).action(action);
}

async function action(options: { readonly json?: JsonTo }): Promise<void> {
  const all = await availability();
  const chosen = defaultTarget();
  if (!jsonOnStdout(options.json)) process.stdout.write(`${text(all, chosen)}\n`);
  writeJson(options.json, { default: chosen, targets: all });
}

function text(all: readonly Availability[], chosen: string): string {
  const colors = paint.stdout;
  const table = new Table({ head: ["target", "", "through"], ...plainTable });
  for (const { target, available, through } of all) {
    const name = target === chosen ? colors.bold(target) : target;
    table.push([name, available ? colors.green("here") : colors.yellow("absent"), through.join("\n")]);
  }
  const missing = all.flatMap(({ install }) => (install === undefined ? [] : [`  ${install}`]));
  return [
    table.toString().replace(/ +$/gm, ""),
    "",
    `kernels run on ${colors.bold(chosen)} when no target is named`,
    ...(missing.length > 0 ? ["", "To have more:", ...missing] : []),
  ].join("\n");
}
