// What the files of AVX-512 kernels share. Included by them alone.
#pragma once

#include "codecs/plan/kernels.h"

// Every function that uses a register needs it; all of them are local to their file, so that no
// other file can be given a function that its machine lacks.
#define COPYBRIDGE_AVX512                                                                    \
  [[gnu::target(                                                                             \
      "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,avx512ifma,bmi,bmi2,lzcnt," \
      "popcnt")]]

namespace copybridge::plan {

/// The text kernels of single-byte pages, with a row kernel that keeps the page in registers.
[[nodiscard]] KernelChoice choose_avx512_text(Cut cut);

}  // namespace copybridge::plan
