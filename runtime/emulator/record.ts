/** Where things lie that both translated code and the launcher know: the launch record, and the frame of a thread. */

/** The launch record at address 0: offsets of its fields, 32 bits each but for `limit`. */
export const record = {
  ntid: 0,
  nctaid: 12,
  ctaid: 24,
  /** How many branches back a thread may still take before others get their turn. */
  fuel: 36,
  /** From a byte to its shadow: the capacity of the memory. 64 bits, as are the addresses that it bounds. */
  shadow: 40,
  /** Shared memory of the block, and its size. */
  shared: 48,
  sharedBytes: 52,
  /** How often each basic block ran: 64 bits each. */
  counters: 56,
  /** Parameters of the kernel. */
  params: 60,
  /** Parameters of device functions. */
  calls: 64,
  /** Variables of the module in `.global` and `.const`. */
  variables: 68,
  /** Local memory of all threads of the block. */
  locals: 72,
  localsEnd: 76,
} as const;

/** The frame of a thread: who it is, where it goes on, and its registers while others run. */
export const frame = {
  tid: 0,
  /** Its number in the block. */
  index: 12,
  /** Its local memory. */
  local: 16,
  /** The basic block that it goes on with. */
  next: 20,
  registers: 24,
} as const;

/** Bytes of a register in the frame. */
export const slotBytes = 8;

export const warpSize = 32;
