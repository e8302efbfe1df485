/** The sun and its four largest planets for a century; how far the energy drifts. `npx tsx examples/nbody/main.ts` */
import { load } from "tsgpu";
import type { Body } from "./nbody.ts";

const { advance, energy } = await load<typeof import("./nbody.ts")>(new URL("./nbody.ts", import.meta.url));

// Astronomical units, years, and solar masses times 4π² (the data of the Computer Language Benchmarks Game).
const sun = 4 * Math.PI ** 2;
const year = 365.24;
const planet = (place: readonly number[], perDay: readonly number[], mass: number): Body => {
  const [x = 0, y = 0, z = 0] = place;
  const [vx = 0, vy = 0, vz = 0] = perDay.map((v) => v * year);
  return { x, y, z, vx, vy, vz, mass: mass * sun };
};
const planets = {
  Jupiter: planet(
    [4.84143144246472, -1.16032004402742, -0.103622044471123],
    [0.00166007664274403, 0.0076990111841974, -0.0000690460016972063],
    0.000954791938424326,
  ),
  Saturn: planet(
    [8.34336671824457, 4.1247985641243, -0.403523417114321],
    [-0.00276742510726411, 0.00499852801234917, 0.0000230417297573763],
    0.00028588598066613,
  ),
  Uranus: planet(
    [12.8943695621391, -15.1111514016986, -0.223307578892655],
    [0.00296460137564761, 0.0023784717395948, -0.0000296589568540237],
    0.0000436624404335156,
  ),
  Neptune: planet(
    [15.3796971148509, -25.9193146099879, 0.179258772950371],
    [0.00268067772490389, 0.00162824170038242, -0.0000951592254519715],
    0.0000515138902046611,
  ),
};
const bodies = [planet([0, 0, 0], [0, 0, 0], 1), ...Object.values(planets)];

// The sun moves against the planets, so that the whole stays where it is.
for (const axis of ["vx", "vy", "vz"] as const) {
  bodies[0]![axis] = -bodies.slice(1).reduce((sum, b) => sum + b[axis] * b.mass, 0) / sun;
}

const before = await energy(bodies);
for (let years = 0; years <= 100; years += 20) {
  const drift = Math.abs((await energy(bodies)) - before) / Math.abs(before);
  const { x, y } = bodies[1]!;
  console.log(
    `${String(years).padStart(3)} years: Jupiter at (${x.toFixed(3)}, ${y.toFixed(3)}), energy off by ${drift.toExponential(1)}`,
  );
  await advance(bodies, 0.001, 20_000);
}
