// What the AVX2 kernels share. Included by kernels_avx2.cc alone, through its parts.
#pragma once

#include <immintrin.h>

#include <cstdint>

// As in avx512.h: functions of this target stay local to their file.
#define COPYBRIDGE_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]
