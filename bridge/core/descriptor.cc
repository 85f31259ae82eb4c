// POSIX calls on descriptors.
#include "bridge/core/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace copybridge {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int sync_folder(const std::filesystem::path& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.is_open() && ::fsync(folder.number()) == 0 ? 0 : errno;
}

}  // namespace copybridge
