// System V message queues (sysvipc(7)).
#include <sys/ipc.h>
#include <sys/msg.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kernel_queue/kernel_queue.h"

namespace copybridge::adapters::kernel_queue {
namespace {

constexpr int kClosed = -1;
constexpr std::size_t kMessageStart = 8 << 10;
constexpr std::size_t kMessageMost = 16 << 20;
/// msgrcv has no time-out and no descriptor that could be polled.
constexpr Milliseconds kLookAgain{5};

class SysvQueue final : public Queue {
 public:
  explicit SysvQueue(SysvName name) : name_(std::move(name)) {}

  Result<void> open() override {
    const key_t key = name_.path.empty() ? static_cast<key_t>(name_.key)
                                         : ::ftok(name_.path.c_str(), name_.project);
    if (key == -1 && !name_.path.empty()) return failed("ftok");
    queue_ = ::msgget(key, 0);
    if (queue_ == kClosed) return failed("msgget");
    return {};
  }

  void close() override { queue_ = kClosed; }

  Result<bool> receive(ByteBuffer& bytes, std::int64_t& mark, Milliseconds wait) override {
    if (queue_ == kClosed) {
      if (Result<void> opened = open(); !opened) return pass_on(opened);
    }
    for (;;) {
      const ssize_t size =
          ::msgrcv(queue_, buffer_.data(), room(), static_cast<long>(name_.type), IPC_NOWAIT);
      if (size >= 0) {
        long type = 0;
        std::memcpy(&type, buffer_.data(), sizeof type);
        mark = type;
        bytes.append({buffer_.data() + sizeof type, static_cast<std::size_t>(size)});
        return true;
      }
      if (errno == E2BIG && room() < kMessageMost) {
        buffer_.resize(2 * buffer_.size());  // it is still on the queue
      } else if (errno != ENOMSG && errno != EINTR) {
        return failed("msgrcv");
      } else if (wait.count() <= 0 || is_interrupted_.exchange(false)) {
        return false;
      } else {
        std::this_thread::sleep_for(kLookAgain);
        wait -= kLookAgain;
      }
    }
  }

  bool send_back(ByteView bytes, std::int64_t mark) override {
    const long type = static_cast<long>(mark);
    std::vector<std::uint8_t> message(sizeof type + bytes.size());
    std::memcpy(message.data(), &type, sizeof type);
    std::memcpy(message.data() + sizeof type, bytes.data(), bytes.size());
    return queue_ != kClosed && ::msgsnd(queue_, message.data(), bytes.size(), IPC_NOWAIT) == 0;
  }

  void interrupt() override { is_interrupted_ = true; }

  [[nodiscard]] std::int64_t depth() const override {
    msqid_ds status{};
    const bool is_known = queue_ != kClosed && ::msgctl(queue_, IPC_STAT, &status) == 0;
    return is_known ? static_cast<std::int64_t>(status.msg_qnum) : -1;
  }

 private:
  [[nodiscard]] std::size_t room() const { return buffer_.size() - sizeof(long); }

  tl::unexpected<Error> failed(std::string_view verb) {
    const int error = errno;
    close();
    const std::string queue = name_.path.empty() ? std::to_string(name_.key) : name_.path;
    return tl::make_unexpected(Error{ErrorKind::source,
                                     "sysv: " + std::string(verb) + " of " + queue + ": " +
                                         std::generic_category().message(error),
                                     {}});
  }

  const SysvName name_;
  int queue_ = kClosed;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(sizeof(long) + kMessageStart);
  std::atomic<bool> is_interrupted_{false};
};

}  // namespace

std::unique_ptr<Queue> make_sysv_queue(SysvName name) {
  return std::make_unique<SysvQueue>(std::move(name));
}

}  // namespace copybridge::adapters::kernel_queue
