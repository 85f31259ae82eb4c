// inotify, eventfd and poll.
#include "adapters/file/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

namespace copybridge::adapters::file {

Watcher::Watcher() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Watcher::start(bool sees_growth) {
  inotify_ = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  mask_ = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  if (sees_growth) mask_ |= IN_MODIFY;
  watches_.clear();
  changed_ = false;
}

void Watcher::stop() {
  inotify_ = Descriptor();
  watches_.clear();
}

void Watcher::set_folders(const std::set<std::string>& folders) {
  if (!inotify_.is_open()) return;
  std::set<std::pair<std::string, int>> watches;
  for (const std::string& folder : folders) {
    // Adding a watch again is cheap and notices that another folder took the name.
    const int watch = ::inotify_add_watch(inotify_.number(), folder.c_str(), mask_);
    if (watch >= 0) watches.emplace(folder, watch);
  }
  for (const auto& before : watches_) {
    const bool is_kept = std::ranges::any_of(
        watches, [&](const auto& kept) { return kept.second == before.second; });
    if (!is_kept) ::inotify_rm_watch(inotify_.number(), before.second);
  }
  watches_ = std::move(watches);
}

bool Watcher::take_changes() {
  if (inotify_.is_open()) {
    // Only that something happened matters; what it was, the listing shows.
    std::array<char, 16384> events;
    while (::read(inotify_.number(), events.data(), events.size()) > 0) changed_ = true;
  }
  return std::exchange(changed_, false);
}

bool Watcher::wait(Milliseconds limit) {
  std::array<pollfd, 2> polled = {{{event_.number(), POLLIN, 0}, {inotify_.number(), POLLIN, 0}}};
  const nfds_t count = inotify_.is_open() ? 2 : 1;
  const auto limit_ms = std::clamp<std::int64_t>(limit.count(), 0, std::numeric_limits<int>::max());
  if (::poll(polled.data(), count, static_cast<int>(limit_ms)) <= 0) return false;
  if ((polled[0].revents & POLLIN) == 0) return false;
  std::uint64_t value = 0;
  return ::read(event_.number(), &value, sizeof value) == sizeof value;
}

void Watcher::interrupt() {
  const std::uint64_t one = 1;
  // The only failure is a full counter, and then the wait ends anyway.
  [[maybe_unused]] const ssize_t written = ::write(event_.number(), &one, sizeof one);
}

}  // namespace copybridge::adapters::file
