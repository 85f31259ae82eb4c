// File descriptors that close themselves, and the sync of a folder.
#pragma once

#include <filesystem>
#include <utility>

namespace copybridge {

/// Owns an open file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  /// Hands the descriptor to a new owner.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// Makes durable which names a folder holds. 0, or the errno of what failed.
[[nodiscard]] int sync_folder(const std::filesystem::path& path);

}  // namespace copybridge
