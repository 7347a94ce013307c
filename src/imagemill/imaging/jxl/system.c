/* The functions that C's library would import from its host. Nothing is written, nothing can be opened,
 * and an exit is a trap. Source: WASI preview 1. */
#include <stdint.h>

/* __WASI_ERRNO_BADF */
enum { BAD_FILE = 8 };

#define IMPORTED(name) __imported_wasi_snapshot_preview1_##name

int32_t IMPORTED(fd_write)(int32_t file, int32_t from, int32_t count, int32_t written) {
  (void)file, (void)from, (void)count, (void)written;
  return BAD_FILE;
}

int32_t IMPORTED(fd_seek)(int32_t file, int64_t offset, int32_t whence, int32_t at) {
  (void)file, (void)offset, (void)whence, (void)at;
  return BAD_FILE;
}

int32_t IMPORTED(fd_fdstat_get)(int32_t file, int32_t facts) {
  (void)file, (void)facts;
  return BAD_FILE;
}

/* Part of a library that imports by another name. */
int close(int file) {
  (void)file;
  return -1;
}

_Noreturn void IMPORTED(proc_exit)(int32_t code) {
  (void)code;
  __builtin_trap();
}
