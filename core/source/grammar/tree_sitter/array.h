// The growing array that the grammar's scanner.c expects of "tree_sitter/array.h". Debian's
// libtree-sitter is older than that header and the grammar's source package leaves it out, so the
// operations that the scanner uses are written here: an Array(T) is three plain fields, zeroed by
// array_init, owned by whoever calls array_delete.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define Array(T)                                                                                   \
  struct {                                                                                         \
    T *contents;                                                                                   \
    uint32_t size;                                                                                 \
    uint32_t capacity;                                                                             \
  }

#define array_init(array) ((array)->contents = NULL, (array)->size = 0, (array)->capacity = 0)

#define array_delete(array) (free((array)->contents), array_init(array))

#define array_get(array, index) (assert((index) < (array)->size), &(array)->contents[index])

#define array_back(array) array_get(array, (array)->size - 1)

#define array_reserve(array, count)                                                                \
  ((array)->contents =                                                                             \
       enlargedArray((array)->contents, &(array)->capacity, (count), sizeof *(array)->contents))

#define array_push(array, element)                                                                 \
  (array_reserve(array, (array)->size + 1), (array)->contents[(array)->size++] = (element))

#define array_pop(array) (assert((array)->size > 0), (array)->contents[--(array)->size])

// The storage, moved when fewer than `count` elements fit.
static inline void *enlargedArray(void *contents, uint32_t *capacity, uint32_t count,
                                  size_t elementSize) {
  if (count <= *capacity)
    return contents;
  uint32_t larger = *capacity * 2 > count ? *capacity * 2 : count;
  if (larger < 8)
    larger = 8;
  void *moved = realloc(contents, larger * elementSize);
  if (!moved)
    abort();
  *capacity = larger;
  return moved;
}
