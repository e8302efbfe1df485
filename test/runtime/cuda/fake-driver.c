/*
 * A stand-in for libcuda.so.1 on machines without a GPU: the functions of runtime/devices/cuda-driver.ts on host memory. It
 * keeps books of every handle and allocation, notes each call, each misuse, and what is left at the end; any call can be
 * told to fail. Kernels run as C functions of their name, or as a callback of the test says.
 *
 * Compiled against cuda.h where there is one (-DHAVE_CUDA_H), so that the compiler compares the declarations.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <stdint.h>

#ifdef HAVE_CUDA_H
#include <cuda.h>
#else
typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef int CUdevice_attribute;
typedef int CUfunction_attribute;
typedef int CUjit_option;
#endif

enum { OK = 0, INVALID_VALUE = 1, NO_MEMORY = 2, NOT_INITIALISED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101 };
enum { INVALID_CONTEXT = 201, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600 };
enum { ILLEGAL_ADDRESS = 700 };

/* What the test sets. */
static int devices = 1;
static size_t capacity = 64u << 20;
static int queries_until_ready = 0;
static int most_threads = 1024;
typedef int (*Runner)(const char *name, const char *image, void **params, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz);
static Runner runner = NULL;

static char text[1 << 20];
static size_t text_length;
static char faults[1 << 16];
static size_t faults_length;

static void note(char *to, size_t *length, size_t limit, const char *format, va_list args) {
  if (*length + 512 < limit) *length += (size_t)vsnprintf(to + *length, 512, format, args);
}
static void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  note(text, &text_length, sizeof text, format, args);
  va_end(args);
}
static CUresult misuse(int result, const char *format, ...) {
  va_list args;
  va_start(args, format);
  note(faults, &faults_length, sizeof faults, format, args);
  va_end(args);
  return (CUresult)result;
}

/* Failures that the test asked for: the n-th call of a name. */
static struct { char call[64]; int countdown; int result; } failing[16];
static int broken; /* The result that every call of a broken context gives. */
static int pending; /* What the kernel that runs did, until someone waits for it. */

static int is_sticky(int result) { return result == 214 || (result >= 700 && result <= 721 && result != 701); }

static int failure(const char *call) {
  say("%s\n", call);
  if (broken) return broken;
  for (int k = 0; k < 16; k++) {
    if (failing[k].countdown <= 0 || strcmp(failing[k].call, call) != 0) continue;
    if (--failing[k].countdown > 0) continue;
    if (is_sticky(failing[k].result)) broken = failing[k].result;
    return failing[k].result;
  }
  return OK;
}
#define BEGIN(call) do { int r = failure(call); if (r != OK) return (CUresult)r; } while (0)

/* Handles: small blocks that say what they are. */
enum Kind { CONTEXT = 0xC0, MODULE, FUNCTION, STREAM, EVENT };
struct Handle {
  int magic, kind, live;
  struct Handle *owner;
  char name[128];
  int params;
  int queries; /* of an event */
  double time;
};
static struct Handle *all[1 << 14];
static int all_count;
static double clock_ms;

static struct Handle *make(int kind, struct Handle *owner, const char *name) {
  struct Handle *h = calloc(1, sizeof *h);
  h->magic = 0x7a57;
  h->kind = kind;
  h->live = 1;
  h->owner = owner;
  snprintf(h->name, sizeof h->name, "%s", name);
  if (all_count < (1 << 14)) all[all_count++] = h;
  return h;
}
static int is(const void *handle, int kind) {
  for (int k = 0; k < all_count; k++) if (all[k] == handle) return all[k]->kind == kind && all[k]->live;
  return 0;
}

static int initialised;
static struct Handle *primary[8];
static _Thread_local struct Handle *current;

#define NEED(condition, result, ...) do { if (!(condition)) return misuse(result, __VA_ARGS__); } while (0)
#define IN_CONTEXT(call) \
  BEGIN(call); \
  NEED(current != NULL, INVALID_CONTEXT, call ": no context is current on this thread\n")

/* Device memory. */
static struct { char *at; size_t bytes; int live; } memory[1 << 14];
static int memory_count;
static size_t in_use;

static int inside(CUdeviceptr at, size_t bytes) {
  for (int k = 0; k < memory_count; k++) {
    CUdeviceptr start = (CUdeviceptr)(uintptr_t)memory[k].at;
    if (memory[k].live && at >= start && at + bytes <= start + memory[k].bytes) return 1;
  }
  return 0;
}

CUresult cuInit(unsigned int flags) {
  BEGIN("cuInit");
  NEED(flags == 0, INVALID_VALUE, "cuInit: flags\n");
  /* How processes are told that cannot call fake_set first. */
  const char *wish = getenv("FAKE_CUDA");
  if (wish != NULL) return (CUresult)(strcmp(wish, "none") == 0 ? NO_DEVICE : atoi(wish));
  initialised = 1;
  return (CUresult)OK;
}
CUresult cuDriverGetVersion(int *version) {
  BEGIN("cuDriverGetVersion");
  *version = 12040;
  return (CUresult)OK;
}
static const struct { int result; const char *name, *text; } results[] = {
  {0, "CUDA_SUCCESS", "no error"},
  {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
  {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
  {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
  {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
  {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
  {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
  {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
  {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
  {600, "CUDA_ERROR_NOT_READY", "device not ready"},
  {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
  {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
  {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
};
static CUresult described(int result, const char **to, int name) {
  for (size_t k = 0; k < sizeof results / sizeof *results; k++) {
    if (results[k].result != result) continue;
    *to = name ? results[k].name : results[k].text;
    return (CUresult)OK;
  }
  *to = NULL;
  return (CUresult)INVALID_VALUE;
}
CUresult cuGetErrorName(CUresult error, const char **to) { return described((int)error, to, 1); }
CUresult cuGetErrorString(CUresult error, const char **to) { return described((int)error, to, 0); }

CUresult cuDeviceGetCount(int *count) {
  BEGIN("cuDeviceGetCount");
  NEED(initialised, NOT_INITIALISED, "cuDeviceGetCount before cuInit\n");
  *count = devices;
  return (CUresult)OK;
}
CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  BEGIN("cuDeviceGet");
  NEED(ordinal >= 0 && ordinal < devices, INVALID_DEVICE, "cuDeviceGet: %d of %d\n", ordinal, devices);
  *device = 10 + ordinal;
  return (CUresult)OK;
}
#define DEVICE(d) NEED((d) >= 10 && (d) < 10 + devices, INVALID_DEVICE, "%s: device %d\n", __func__, (d))
CUresult cuDeviceGetName(char *name, int length, CUdevice d) {
  BEGIN("cuDeviceGetName");
  DEVICE(d);
  snprintf(name, (size_t)length, "Fake GPU %d", d - 10);
  return (CUresult)OK;
}
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice d) {
  BEGIN("cuDeviceGetAttribute");
  DEVICE(d);
  switch ((int)attribute) {
    case 1: case 2: case 3: *value = 1024; break;
    case 4: *value = 64; break;
    case 5: *value = 2147483647; break;
    case 6: case 7: *value = 65535; break;
    case 13: *value = 1500000; break;
    case 16: *value = 20; break;
    case 75: *value = 8; break;
    case 76: *value = 6; break;
    default: return misuse(INVALID_VALUE, "cuDeviceGetAttribute: %d\n", (int)attribute);
  }
  return (CUresult)OK;
}
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice d) {
  BEGIN("cuDeviceTotalMem_v2");
  DEVICE(d);
  *bytes = capacity;
  return (CUresult)OK;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice d) {
  BEGIN("cuDevicePrimaryCtxRetain");
  DEVICE(d);
  if (primary[d - 10] == NULL) primary[d - 10] = make(CONTEXT, NULL, "primary");
  *context = (CUcontext)primary[d - 10];
  return (CUresult)OK;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice d) {
  BEGIN("cuDevicePrimaryCtxRelease_v2");
  DEVICE(d);
  if (primary[d - 10] != NULL) primary[d - 10]->live = 0;
  primary[d - 10] = NULL;
  return (CUresult)OK;
}
CUresult cuCtxSetCurrent(CUcontext context) {
  NEED(is(context, CONTEXT), INVALID_CONTEXT, "cuCtxSetCurrent: no context\n");
  current = (struct Handle *)context;
  return (CUresult)OK;
}

/* Counts what stands between the parentheses of an entry. */
static int params_of(const char *ptx, const char *name) {
  char wanted[160];
  snprintf(wanted, sizeof wanted, ".entry %s(", name);
  const char *at = strstr(ptx, wanted);
  if (at == NULL) return -1;
  int count = 0;
  const char *end = strchr(at, ')');
  while ((at = strstr(at, ".param")) != NULL && at < end) { count++; at++; }
  return count;
}
static char *images[1024];
static struct Handle *image_of[1024];
static int image_count;

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count, CUjit_option *options, void **values) {
  IN_CONTEXT("cuModuleLoadDataEx");
  const char *ptx = image;
  if (strstr(ptx, ".version") == NULL) {
    char *log = NULL;
    for (unsigned k = 0; k < count; k++) {
      if ((int)options[k] == 5) log = values[k];
      if ((int)options[k] == 6 && log != NULL) snprintf(log, (size_t)values[k], "ptxas application ptx input, line 1; fatal: Parsing error");
    }
    return (CUresult)INVALID_PTX;
  }
  struct Handle *h = make(MODULE, current, "module");
  images[image_count] = strdup(ptx);
  image_of[image_count++] = h;
  *module = (CUmodule)h;
  return (CUresult)OK;
}
CUresult cuModuleUnload(CUmodule module) {
  IN_CONTEXT("cuModuleUnload");
  NEED(is(module, MODULE), INVALID_HANDLE, "cuModuleUnload: no module\n");
  ((struct Handle *)module)->live = 0;
  for (int k = 0; k < all_count; k++) if (all[k]->owner == (struct Handle *)module) all[k]->live = 0;
  return (CUresult)OK;
}
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  IN_CONTEXT("cuModuleGetFunction");
  NEED(is(module, MODULE), INVALID_HANDLE, "cuModuleGetFunction: no module\n");
  int params = -1;
  for (int k = 0; k < image_count; k++) if (image_of[k] == (struct Handle *)module) params = params_of(images[k], name);
  if (params < 0) return (CUresult)NOT_FOUND;
  struct Handle *h = make(FUNCTION, (struct Handle *)module, name);
  h->params = params;
  *function = (CUfunction)h;
  return (CUresult)OK;
}
CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction function) {
  IN_CONTEXT("cuFuncGetAttribute");
  NEED(is(function, FUNCTION), INVALID_HANDLE, "cuFuncGetAttribute: no function\n");
  *value = (int)attribute == 0 ? most_threads : 32;
  return (CUresult)OK;
}

/* saxpy_kernel(x, n, y, m, a): y += a x, from element (grid, block) 0 on in steps of all threads. */
static int saxpy(void **params, long threads) {
  double *x = *(double **)params[0], *y = *(double **)params[2], a = *(double *)params[4];
  int64_t n = *(int64_t *)params[1];
  if (n != *(int64_t *)params[3]) return ILLEGAL_ADDRESS;
  for (long t = 0; t < threads; t++) for (int64_t i = t; i < n; i += threads) y[i] += a * x[i];
  return OK;
}
/* crash_kernel(x, n): reads outside of memory. */
static int crash(void **params, long threads) { (void)params; (void)threads; return ILLEGAL_ADDRESS; }
static const struct { const char *name; int (*run)(void **, long); } kernels[] = { {"saxpy_kernel", saxpy}, {"crash_kernel", crash} };

CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, CUstream stream, void **params, void **extra) {
  IN_CONTEXT("cuLaunchKernel");
  NEED(is(function, FUNCTION), INVALID_HANDLE, "cuLaunchKernel: no function\n");
  NEED(stream != NULL && is(stream, STREAM), INVALID_HANDLE, "cuLaunchKernel: not in the stream\n");
  NEED(gx && gy && gz && bx && by && bz, INVALID_VALUE, "cuLaunchKernel: an extent of 0\n");
  NEED(gy <= 65535 && gz <= 65535 && gx <= 2147483647u, INVALID_VALUE, "cuLaunchKernel: grid %u %u %u\n", gx, gy, gz);
  NEED(bx * by * bz <= 1024 && bz <= 64, INVALID_VALUE, "cuLaunchKernel: block %u %u %u\n", bx, by, bz);
  NEED(shared == 0 && extra == NULL, INVALID_VALUE, "cuLaunchKernel: shared or extra\n");
  struct Handle *f = (struct Handle *)function;
  say("launch %s %u,%u,%u %u,%u,%u params %d\n", f->name, gx, gy, gz, bx, by, bz, f->params);
  clock_ms += 2;
  int result = NOT_FOUND;
  const char *image = "";
  for (int k = 0; k < image_count; k++) if (image_of[k] == f->owner) image = images[k];
  if (runner != NULL) result = runner(f->name, image, params, gx, gy, gz, bx, by, bz);
  else
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
      if (strcmp(kernels[k].name, f->name) == 0) result = kernels[k].run(params, (long)gx * gy * gz * bx * by * bz);
  if (result == NOT_FOUND) return misuse(NOT_FOUND, "cuLaunchKernel: nothing runs %s\n", f->name);
  /* Whoever launched hears of it only later. */
  pending = result;
  return (CUresult)OK;
}

/* What waits for the GPU hears of what the kernels did. */
static int settle(void) {
  if (pending != OK) { broken = pending; pending = OK; }
  return broken;
}

CUresult cuStreamCreate(CUstream *stream, unsigned flags) {
  IN_CONTEXT("cuStreamCreate");
  NEED(flags == 1, INVALID_VALUE, "cuStreamCreate: flags %u\n", flags);
  *stream = (CUstream)make(STREAM, current, "stream");
  return (CUresult)OK;
}
#define STREAM_OF(s) NEED((s) != NULL && is(s, STREAM), INVALID_HANDLE, "%s: no stream\n", __func__)
CUresult cuStreamSynchronize(CUstream stream) {
  IN_CONTEXT("cuStreamSynchronize");
  STREAM_OF(stream);
  return (CUresult)settle();
}
CUresult cuEventCreate(CUevent *event, unsigned flags) {
  IN_CONTEXT("cuEventCreate");
  NEED(flags == 0, INVALID_VALUE, "cuEventCreate: flags\n");
  *event = (CUevent)make(EVENT, current, "event");
  return (CUresult)OK;
}
#define EVENT_OF(e) NEED(is(e, EVENT), INVALID_HANDLE, "%s: no event\n", __func__)
CUresult cuEventRecord(CUevent event, CUstream stream) {
  IN_CONTEXT("cuEventRecord");
  EVENT_OF(event);
  STREAM_OF(stream);
  ((struct Handle *)event)->queries = queries_until_ready;
  ((struct Handle *)event)->time = clock_ms;
  return (CUresult)OK;
}
CUresult cuEventQuery(CUevent event) {
  IN_CONTEXT("cuEventQuery");
  EVENT_OF(event);
  if (((struct Handle *)event)->queries-- > 0) return (CUresult)NOT_READY;
  return (CUresult)settle();
}
CUresult cuEventSynchronize(CUevent event) {
  IN_CONTEXT("cuEventSynchronize");
  EVENT_OF(event);
  return (CUresult)settle();
}
#undef cuEventElapsedTime
CUresult cuEventElapsedTime(float *ms, CUevent start, CUevent end) {
  IN_CONTEXT("cuEventElapsedTime");
  EVENT_OF(start);
  EVENT_OF(end);
  *ms = (float)(((struct Handle *)end)->time - ((struct Handle *)start)->time);
  return (CUresult)OK;
}

CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
  IN_CONTEXT("cuMemGetInfo_v2");
  *free_bytes = capacity - in_use;
  *total = capacity;
  return (CUresult)OK;
}
CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  IN_CONTEXT("cuMemAlloc_v2");
  NEED(bytes > 0, INVALID_VALUE, "cuMemAlloc: no bytes\n");
  if (in_use + bytes > capacity) return (CUresult)NO_MEMORY;
  char *at = aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset(at, 0xA5, bytes);
  memory[memory_count].at = at;
  memory[memory_count].bytes = bytes;
  memory[memory_count++].live = 1;
  in_use += bytes;
  *address = (CUdeviceptr)(uintptr_t)at;
  return (CUresult)OK;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
  IN_CONTEXT("cuMemFree_v2");
  for (int k = 0; k < memory_count; k++) {
    if (!memory[k].live || (CUdeviceptr)(uintptr_t)memory[k].at != address) continue;
    memory[k].live = 0;
    in_use -= memory[k].bytes;
    return (CUresult)OK; /* The host's memory stays: a use after free is a misuse, not a crash. */
  }
  return misuse(INVALID_VALUE, "cuMemFree: %llx is not allocated\n", (unsigned long long)address);
}
CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned flags) {
  IN_CONTEXT("cuMemHostAlloc");
  NEED(flags == 0, INVALID_VALUE, "cuMemHostAlloc: flags\n");
  *address = malloc(bytes);
  return (CUresult)OK;
}
#define RANGE(at, bytes) NEED(inside(at, bytes), INVALID_VALUE, "%s: %zu bytes at %llx are not allocated\n", __func__, bytes, (unsigned long long)(at))
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  IN_CONTEXT("cuMemcpyHtoDAsync_v2");
  STREAM_OF(stream);
  RANGE(to, bytes);
  memcpy((void *)(uintptr_t)to, from, bytes);
  return (CUresult)OK;
}
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  IN_CONTEXT("cuMemcpyDtoHAsync_v2");
  STREAM_OF(stream);
  RANGE(from, bytes);
  memcpy(to, (void *)(uintptr_t)from, bytes);
  return (CUresult)OK;
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  IN_CONTEXT("cuMemcpyDtoDAsync_v2");
  STREAM_OF(stream);
  RANGE(to, bytes);
  RANGE(from, bytes);
  memmove((void *)(uintptr_t)to, (void *)(uintptr_t)from, bytes);
  return (CUresult)OK;
}
CUresult cuMemsetD8Async(CUdeviceptr at, unsigned char value, size_t bytes, CUstream stream) {
  IN_CONTEXT("cuMemsetD8Async");
  STREAM_OF(stream);
  RANGE(at, bytes);
  memset((void *)(uintptr_t)at, value, bytes);
  return (CUresult)OK;
}

/* The test's side. */
void fake_fail(const char *call, int nth, int result) {
  for (int k = 0; k < 16; k++) {
    if (failing[k].countdown > 0) continue;
    snprintf(failing[k].call, sizeof failing[k].call, "%s", call);
    failing[k].countdown = nth;
    failing[k].result = result;
    return;
  }
}
/* Makes a broken context whole, as no driver does, so that one process can break several. */
void fake_mend(void) {
  broken = pending = 0;
  memset(failing, 0, sizeof failing);
}
void fake_set(int new_devices, int queries, int threads) {
  devices = new_devices;
  queries_until_ready = queries;
  most_threads = threads;
}
void fake_run(Runner r) { runner = r; }
/* What was called since the last time. */
const char *fake_calls(void) {
  static char last[sizeof text];
  memcpy(last, text, text_length + 1);
  text_length = 0;
  text[0] = 0;
  return last;
}
/* What was done wrong since the last time; empty where nothing was. */
const char *fake_faults(void) {
  static char last[sizeof faults];
  memcpy(last, faults, faults_length + 1);
  faults_length = 0;
  faults[0] = 0;
  return last;
}
/* The bytes from an address to the end of its allocation; 0 where nothing is allocated. */
double fake_extent(unsigned long long at) {
  for (int k = 0; k < memory_count; k++) {
    CUdeviceptr start = (CUdeviceptr)(uintptr_t)memory[k].at;
    if (memory[k].live && at >= start && at < start + memory[k].bytes) return (double)(start + memory[k].bytes - at);
  }
  return 0;
}
double fake_in_use(void) { return (double)in_use; }
int fake_live_modules(void) {
  int count = 0;
  for (int k = 0; k < all_count; k++) count += all[k]->kind == MODULE && all[k]->live;
  return count;
}
