/** Prints why there is no CUDA here, or else what the chosen GPU is: a process of its own, since that is looked up once. */
import { cudaInfo } from "../../../runtime/devices/cuda.ts";
import { whyNotCuda } from "../../../runtime/devices/cuda-driver.ts";

try {
  console.log(whyNotCuda() ?? cudaInfo().name);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}
