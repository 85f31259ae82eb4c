// Loaded before the system's library into a bridge under test (LD_PRELOAD): shifts its clocks.
//
// COPYBRIDGE_CLOCK_SHIFTS: a file of two numbers of 64 bits, nanoseconds to add to CLOCK_REALTIME
// and to CLOCK_MONOTONIC, which tests/faults/clock_test.py changes while the bridge runs.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

const volatile std::int64_t* shifts() {
  static const volatile std::int64_t* const mapped = [] {
    const int file = ::open(std::getenv("COPYBRIDGE_CLOCK_SHIFTS"), O_RDONLY | O_CLOEXEC);
    void* const there = ::mmap(nullptr, 16, PROT_READ, MAP_SHARED, file, 0);
    if (there == MAP_FAILED) std::abort();
    return static_cast<const volatile std::int64_t*>(there);
  }();
  return mapped;
}

std::int64_t shift_of(clockid_t clock) {
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) return shifts()[0];
  return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ? shifts()[1] : 0;
}

timespec moved(const timespec& time, std::int64_t by) {
  const std::int64_t sum = std::int64_t{time.tv_sec} * kNanosPerSecond + time.tv_nsec + by;
  return {sum / kNanosPerSecond, sum % kNanosPerSecond};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto next = real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int done = next(clock, time);
  if (done == 0) *time = moved(*time, shift_of(clock));
  return done;
}

int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// The system waits by its own clocks.
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*);
  static const auto next = real<Wait>("pthread_cond_clockwait");
  const timespec own = moved(*until, -shift_of(clock));
  return next(condition, mutex, clock, &own);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static const auto next = real<Wait>("pthread_cond_timedwait");
  const timespec own = moved(*until, -shift_of(CLOCK_REALTIME));
  return next(condition, mutex, &own);
}
}
