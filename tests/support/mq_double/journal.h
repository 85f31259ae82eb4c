// Persistent messages on disk: what a queue manager that was killed comes back with. Each unit of
// work is one write, so it is there whole or not at all; nothing is forced to the medium.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "tests/support/mq_double/queue.h"

namespace copybridge::mq_double {

class Journal {
 public:
  /// What the journal holds, message by message, when it is opened.
  using Restore = std::function<void(const std::string& queue, Position, Message)>;

  /// Restores, writes what is left into a new file, and goes on with that.
  Journal(const std::filesystem::path& folder, const Restore& restore);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void add_put(const Queue& queue, const Position& position, const Message& message);
  void add_taken(const Position& position, const Message& message);
  void add_backed_out(const Position& position, const Message& message);
  /// Writes what was added since.
  void write();

 private:
  void restore(const std::string& bytes, const Restore& restore);

  int file_ = -1;
  std::string unit_;
};

}  // namespace copybridge::mq_double
