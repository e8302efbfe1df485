import type { f64, index } from "tsgpu";

export interface Body {
  x: f64;
  y: f64;
  z: f64;
  vx: f64;
  vy: f64;
  vz: f64;
  mass: f64;
}

/** `steps` steps of length dt of bodies that attract each other: velocities first, then places (symplectic Euler). */
export function advance(bodies: Body[], dt: f64, steps: index): void {
  const n = bodies.length;
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const dx = bodies[i].x - bodies[j].x;
        const dy = bodies[i].y - bodies[j].y;
        const dz = bodies[i].z - bodies[j].z;
        const d2 = dx * dx + dy * dy + dz * dz;
        const pull = dt / (d2 * Math.sqrt(d2));
        const pullI = bodies[j].mass * pull;
        const pullJ = bodies[i].mass * pull;
        bodies[i].vx -= dx * pullI;
        bodies[i].vy -= dy * pullI;
        bodies[i].vz -= dz * pullI;
        bodies[j].vx += dx * pullJ;
        bodies[j].vy += dy * pullJ;
        bodies[j].vz += dz * pullJ;
      }
    }
    for (let i = 0; i < n; i++) {
      bodies[i].x += dt * bodies[i].vx;
      bodies[i].y += dt * bodies[i].vy;
      bodies[i].z += dt * bodies[i].vz;
    }
  }
}

/** Kinetic and potential energy together: what stays the same. */
export function energy(bodies: readonly Body[]): f64 {
  let e = 0;
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x,
        dy = a.y - b.y,
        dz = a.z - b.z;
      e -= (a.mass * b.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}
