// A line on the terminal that tells how far long work has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace copybridge::cli {

/// How far the work on one input has come.
struct Advance {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;                   ///< of the input as stored
  std::optional<std::uint64_t> bytes_total;  ///< nothing for pipes
};

/// Writes to stderr, only where it is a terminal and stdout is not, and only after a second of
/// work. Cheap enough to be called for every piece of input.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A new input begins: rate and time count from here.
  void begin();
  void show(const Advance& advance);
  /// Takes the line away, before anything else is written to stderr.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool is_wanted_;
  bool is_shown_ = false;
  Clock::time_point begin_;
  Clock::time_point due_;
};

}  // namespace copybridge::cli
