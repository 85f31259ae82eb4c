// Abstract socket names of Linux, unix(7).
#include "adapters/odbc_outbox/table_lock.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "bridge/core/hash.h"

namespace copybridge::adapters::odbc_outbox {

Result<void> TableLock::take() {
  if (socket_ >= 0) return {};
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A NUL begins a name that is no file.
  const std::string name = "copybridge-outbox-" + hash_of(place_);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (socket_ >= 0 && ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0)
    return {};
  release();
  return fail(ErrorKind::source,
              "odbc-outbox: another source reads this table, and its database cannot skip rows "
              "that are locked");
}

void TableLock::release() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace copybridge::adapters::odbc_outbox
