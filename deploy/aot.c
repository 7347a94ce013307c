/* Compiles a decoder for this processor, or decodes with the machine code: a JPEG, which is resized
 * too, or the compressed pixels of a PNG. aot.py runs it, under QEMU for a processor other than the host's. It is linked with wasmtime's library.
 *
 *   aot compile TARGET [FEATURE...] < WASM > CODE
 *   aot draw KEPT BYTES  LUMA_WIDTH LUMA_HEIGHT CHROMA_WIDTH CHROMA_HEIGHT
 *            LEFT TOP RIGHT BOTTOM WIDTH HEIGHT < JPEG > PIXELS
 *   aot rows KEPT  WIDTH HEIGHT BITS COLOUR_TYPE HAS_ALPHA REDUCTION < ZLIB > ROWS
 *
 * The declarations are those of the C API of wasmtime 50, as in wasmtime.py. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { size_t size; char *data; } Bytes;              /* wasm_byte_vec_t */
typedef struct { uint64_t store; size_t index; } Instance;      /* wasmtime_instance_t */
typedef struct { uint8_t kind; uint64_t of[3]; } Extern, Value; /* wasmtime_extern_t, _val_t */
typedef struct Config Config;
typedef struct Engine Engine;
typedef struct Module Module;
typedef struct Store Store;
typedef struct Context Context;
typedef struct Error Error;
typedef struct Trap Trap;

Config *wasm_config_new(void);
void wasmtime_config_consume_fuel_set(Config *, bool);
void wasmtime_config_parallel_compilation_set(Config *, bool);
Error *wasmtime_config_target_set(Config *, const char *);
void wasmtime_config_cranelift_flag_enable(Config *, const char *);
Engine *wasm_engine_new_with_config(Config *);
Error *wasmtime_module_new(Engine *, const uint8_t *, size_t, Module **);
Error *wasmtime_module_serialize(Module *, Bytes *);
Error *wasmtime_module_deserialize(Engine *, const uint8_t *, size_t, Module **);
Store *wasmtime_store_new(Engine *, void *, void *);
Context *wasmtime_store_context(Store *);
Error *wasmtime_context_set_fuel(Context *, uint64_t);
Error *wasmtime_instance_new(Context *, Module *, const Extern *, size_t, Instance *, Trap **);
bool wasmtime_instance_export_get(Context *, const Instance *, const char *, size_t, Extern *);
Error *wasmtime_func_call(Context *, const void *, const Value *, size_t, Value *, size_t, Trap **);
char *wasmtime_memory_data(Context *, const void *);
size_t wasmtime_memory_data_size(Context *, const void *);
void wasmtime_error_message(const Error *, Bytes *);

enum { MOST = 16 << 20 };               /* maximum size of an input, bytes */
enum { SEAL = 32 };                     /* bytes before the machine code in a file: machine_code.py */
/* Arguments of `decode` and `draw` in fastjpeg/exports.c. */
enum { PLANES = 4, PART = 4, PART_AND_SIZE = 6 };
enum { LAYOUT = 6, PIECE = 1 << 16 };   /* arguments of `begin`, maximum of `add` in fastpng/exports.c */
enum { WANTS_INPUT = 6, FULL = 7 };     /* statuses of `read` there */

static Context *context;
static Instance instance;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void check(const Error *error, const Trap *trap) {
  Bytes message;
  if (trap) fail("trapped");
  if (!error) return;
  wasmtime_error_message(error, &message);
  fprintf(stderr, "%.*s\n", (int)message.size, message.data);
  exit(1);
}

static Bytes read(FILE *file) {
  Bytes bytes = {0, malloc(MOST)};
  if (!file || !bytes.data) fail("cannot be read");
  bytes.size = fread(bytes.data, 1, MOST, file);
  if (ferror(file) || bytes.size == MOST) fail("cannot be read");
  return bytes;
}

static void write(const char *data, size_t size) {
  if (fwrite(data, 1, size, stdout) != size || fflush(stdout)) fail("cannot be written");
}

/* The settings of wasmtime.py: wasmtime refuses code that was compiled with other settings. */
static Config *configuration(void) {
  Config *config = wasm_config_new();
  wasmtime_config_consume_fuel_set(config, true);
  wasmtime_config_parallel_compilation_set(config, false);
  return config;
}

static void compile(const char *target, char **features) {
  Config *config = configuration();
  Bytes wasm = read(stdin), code;
  Module *module;
  check(wasmtime_config_target_set(config, target), 0);
  for (; *features; features++) wasmtime_config_cranelift_flag_enable(config, *features);
  Engine *engine = wasm_engine_new_with_config(config);
  check(wasmtime_module_new(engine, (uint8_t *)wasm.data, wasm.size, &module), 0);
  check(wasmtime_module_serialize(module, &code), 0);
  write(code.data, code.size);
}

static void instantiate(const char *kept) {
  Bytes code = read(fopen(kept, "rb"));
  Module *module;
  Trap *trap = 0;
  Engine *engine = wasm_engine_new_with_config(configuration());
  if (code.size < SEAL) fail(kept);
  check(wasmtime_module_deserialize(engine, (uint8_t *)code.data + SEAL, code.size - SEAL, &module),
        0);
  context = wasmtime_store_context(wasmtime_store_new(engine, 0, 0));
  check(wasmtime_context_set_fuel(context, (uint64_t)1 << 40), 0);
  check(wasmtime_instance_new(context, module, 0, 0, &instance, &trap), trap);
}

static Extern export(const char *name) {
  Extern found;
  if (!wasmtime_instance_export_get(context, &instance, name, strlen(name), &found)) fail(name);
  return found;
}

static uint32_t call(const char *name, const uint32_t *numbers, size_t count) {
  Extern function = export(name);
  Value arguments[2 + PLANES + PART] = {0}, result = {0};
  Trap *trap = 0;
  for (size_t at = 0; at < count; at++) arguments[at].of[0] = numbers[at];
  check(wasmtime_func_call(context, function.of, arguments, count, &result, 1, &trap), trap);
  return (uint32_t)result.of[0];
}

static char *inside(uint32_t at, size_t size) {
  Extern memory = export("memory");
  if (!at || at + size > wasmtime_memory_data_size(context, memory.of)) fail("no memory");
  return wasmtime_memory_data(context, memory.of) + at;
}

static void draw(size_t bytes, const uint32_t *numbers) {
  Bytes file = read(stdin);
  uint32_t size = (uint32_t)file.size, at = call("reserve", &size, 1);
  memcpy(inside(at, size), file.data, size);
  /* The part is empty: everything is decoded. */
  uint32_t decode[2 + PLANES + PART] = {at, size};
  memcpy(decode + 2, numbers, sizeof(uint32_t) * PLANES);
  if (call("decode", decode, 2 + PLANES + PART)) fail("refused");
  at = call("draw", numbers + PLANES, PART_AND_SIZE);
  write(inside(at, bytes), bytes);
}

static uint32_t write_rows(void) {
  uint32_t status = call("read", 0, 0), bytes = call("reduced_bytes", 0, 0);
  write(inside(call("reduced", 0, 0), bytes), bytes);
  return status;
}

static void decode_rows(const uint32_t *layout) {
  Bytes file = read(stdin);
  uint32_t status = call("begin", layout, LAYOUT) ? 0 : WANTS_INPUT;
  for (size_t at = 0; status == WANTS_INPUT;) {
    size_t size = file.size - at < PIECE ? file.size - at : PIECE;
    memcpy(inside(call("room", 0, 0), size), file.data + at, size);
    at += size;
    uint32_t added[] = {(uint32_t)size, at == file.size};
    call("add", added, 2);
    while ((status = write_rows()) == FULL) continue;
    if (status == WANTS_INPUT && at == file.size) fail("ends early");
  }
  if (status) fail("refused");
}

int main(int count, char **words) {
  uint32_t numbers[PLANES + PART_AND_SIZE];
  if (count == 3 + LAYOUT && !strcmp(words[1], "rows")) {
    for (int at = 0; at < LAYOUT; at++) numbers[at] = (uint32_t)strtoul(words[3 + at], 0, 10);
    instantiate(words[2]);
    decode_rows(numbers);
    return 0;
  }
  if (count >= 3 && !strcmp(words[1], "compile")) {
    compile(words[2], words + 3);
    return 0;
  }
  if (count != 4 + PLANES + PART_AND_SIZE || strcmp(words[1], "draw")) fail("see aot.c");
  for (int at = 0; at < PLANES + PART_AND_SIZE; at++)
    numbers[at] = (uint32_t)strtoul(words[4 + at], 0, 10);
  instantiate(words[2]);
  draw(strtoul(words[3], 0, 10), numbers);
  return 0;
}
