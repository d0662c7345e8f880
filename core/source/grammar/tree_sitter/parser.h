// The system's "tree_sitter/parser.h" and, where it is older than the generator that wrote
// parser.c, what such a file uses besides: sets of characters, a map from characters to lexer
// states, and another form of REDUCE.
#pragma once

#include_next <tree_sitter/parser.h>

#include <stddef.h>

#ifndef ADVANCE_MAP

typedef struct {
  int32_t first, last; // both belong to the range
} TSCharacterRange;

// Whether one of `count` sorted, disjoint ranges holds the character.
static inline bool set_contains(const TSCharacterRange *ranges, uint32_t count, int32_t character) {
  while (count > 0) {
    uint32_t middle = count / 2;
    if (character < ranges[middle].first) {
      count = middle;
    } else if (character > ranges[middle].last) {
      ranges += middle + 1;
      count -= middle + 1;
    } else {
      return true;
    }
  }
  return false;
}

// Pairs of a character and the state it leads to; no pair fits: the lexer goes on below.
#define ADVANCE_MAP(...)                                                                           \
  do {                                                                                             \
    static const uint16_t pairs[] = {__VA_ARGS__};                                                 \
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i += 2)                                   \
      if (pairs[i] == lookahead) {                                                                 \
        state = pairs[i + 1];                                                                      \
        goto next_state;                                                                           \
      }                                                                                            \
  } while (0)

// The older form takes the last two by name; such a file gives them by position.
#undef REDUCE
#define REDUCE(symbol_, children, precedence, production)                                          \
  {                                                                                                \
    {                                                                                              \
      .reduce = {.type = TSParseActionTypeReduce,                                                  \
                 .child_count = (children),                                                        \
                 .symbol = (symbol_),                                                              \
                 .dynamic_precedence = (precedence),                                               \
                 .production_id = (production)},                                                   \
    }                                                                                              \
  }

#endif
