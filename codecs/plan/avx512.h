// What the AVX-512 kernels share. Included by kernels_avx512.cc alone, through its parts.
#pragma once

#include <immintrin.h>

#include <cstdint>

// Every function that uses a register needs it; all of them are local to their file, so that no
// other file can be given a function that its machine lacks.
#define COPYBRIDGE_AVX512                                                                    \
  [[gnu::target(                                                                             \
      "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,avx512ifma,bmi,bmi2,lzcnt," \
      "popcnt,pclmul")]]

// Of what must be part of its caller's loop: a call would put all registers of the loop into memory
// and back, and the compiler takes large functions for not worth it.
#define COPYBRIDGE_AVX512_INLINE [[gnu::always_inline]] COPYBRIDGE_AVX512 inline
