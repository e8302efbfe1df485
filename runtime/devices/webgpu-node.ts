/**
 * WebGPU in Node: the package `webgpu`, which is Dawn. Where the machine has no GPU, it runs on the processor through SwiftShader,
 * a Vulkan driver that Chromium brings; the loader of Vulkan (libvulkan) has to be installed for that.
 */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A GPU, or what stands for one. */
export interface Found {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
}

/** Where Vulkan drivers are registered. */
const registries = ["/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
/** Where browsers keep SwiftShader. */
const browsers = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
];
/** What the loader of Vulkan reads; the second is its older name. */
const variables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

/** @throws Error that says what to install. */
export async function findInNode(): Promise<Found> {
  const { create } = await importDawn();
  const request = async (): Promise<Found | null> => {
    const gpu = create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    return adapter === null ? null : { gpu, adapter };
  };
  // A loader without drivers complains on stderr: it is not asked where it cannot have any.
  const found = mayHaveDriver() ? await request() : null;
  if (found !== null) return found;
  const software = swiftShader();
  if (software === null) {
    throw new Error(
      "there is no GPU, and no SwiftShader to stand for one (`npm run setup` installs it, with Chromium)",
    );
  }
  const before = variables.map((name) => process.env[name]);
  for (const name of variables) process.env[name] = software;
  try {
    const standIn = await request();
    if (standIn !== null) return standIn;
  } finally {
    variables.forEach((name, k) => {
      if (before[k] === undefined) delete process.env[name];
      else process.env[name] = before[k];
    });
  }
  throw new Error("SwiftShader does not load: libvulkan is missing (`npm run setup` installs it)");
}

async function importDawn(): Promise<typeof import("webgpu")> {
  try {
    return await import("webgpu");
  } catch (cause) {
    throw new Error("the package webgpu is not installed (`npm install webgpu`)", { cause });
  }
}

function mayHaveDriver(): boolean {
  if (process.platform !== "linux" || variables.some((name) => process.env[name] !== undefined)) return true;
  const own = join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "vulkan", "icd.d");
  return [...registries, own].some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

function swiftShader(): string | null {
  const manifests = browsers.map((folder) => join(folder, "vk_swiftshader_icd.json"));
  return manifests.find((file) => existsSync(file)) ?? null;
}
