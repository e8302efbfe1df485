/** The command as such: help, version, exit codes, and what an unexpected error looks like. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodes } from "../../cli/errors.ts";
import { makePlace } from "./tsgpu.ts";

const place = makePlace();
test.after(place.remove);

test("help names the commands, and the version is the package's", async () => {
  const [help, nothing, version, sub] = await Promise.all([
    place.tsgpu(["--help"]),
    place.tsgpu([]),
    place.tsgpu(["--version"]),
    place.tsgpu(["help", "run"]),
  ]);
  assert.is(help.code, exitCodes.ok);
  for (const name of ["compile", "run", "check", "gradcheck", "explain", "polybench", "targets"])
    assert.match(help.stdout, new RegExp(`^  ${name} `, "m"));
  assert.is(nothing.code, exitCodes.ok);
  assert.is(nothing.stdout, help.stdout);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match(sub.stdout, /--size <name=n>/);
});

test("usage errors say what is wrong, on stderr, with code 2", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["frobnicate"], /unknown command 'frobnicate'/],
    [["compile"], /missing required argument 'file/],
    [["run", "gemm.ts"], /there is no file gemm\.ts/],
    [["polybench", "gem"], /there is no kernel gem; there are .*gemm/],
    [["polybench", "--dataset", "TINY"], /TINY is none of MINI, SMALL/],
    [["polybench", "gemm", "--cc", "gcc"], /--cc is for target c/],
    [["polybench", "gemm", "--seed", "3"], /--seed is for target simulator: add --target simulator/],
  ];
  const results = await Promise.all(cases.map(([args]) => place.tsgpu(args)));
  results.forEach(({ code, stdout, stderr }, k) => {
    const [args, message] = cases[k]!;
    assert.is(code, exitCodes.usage, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
    assert.is(stdout, "");
  });
});

test("targets say what is here, and what to install for the rest", async () => {
  const [text, json] = await Promise.all([
    place.tsgpu(["targets"], { TSGPU_LIBLLVM: "none" }),
    place.tsgpu(["targets", "--json"], { TSGPU_LIBLLVM: "none" }),
  ]);
  assert.is(text.code, exitCodes.ok);
  assert.match(text.stdout, /^native +absent +TSGPU_LIBLLVM=none/m);
  assert.match(text.stdout, /run on wasm when no target is named/);
  assert.match(text.stdout, /`npm run setup` installs libLLVM/);
  const { default: chosen, targets } = JSON.parse(json.stdout);
  assert.is(chosen, "wasm");
  assert.equal(
    targets.map((t: { target: string }) => t.target),
    ["native", "wasm", "c", "interp", "node", "cuda", "webgpu", "simulator", "ptx-emulator"],
  );
  assert.is(targets[0].available, false);
  assert.is(targets[1].available, true);
  assert.type(targets[0].install, "string");
  const [simulator, emulator] = targets.slice(-2);
  assert.equal([simulator.available, emulator.available], [true, false]);
  assert.match(simulator.through[0], "on interp: slow");
  assert.match(emulator.through[0], "TSGPU_LIBLLVM=none");
  assert.match(emulator.through[1], "compile cache");
});

test.run();
