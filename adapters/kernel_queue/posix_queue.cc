// POSIX message queues (mq_overview(7)).
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/kernel_queue/kernel_queue.h"
#include "bridge/core/descriptor.h"

namespace copybridge::adapters::kernel_queue {
namespace {

constexpr mqd_t kClosed = -1;

class PosixQueue final : public Queue {
 public:
  explicit PosixQueue(std::string name)
      : name_(std::move(name)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~PosixQueue() override { PosixQueue::close(); }
  PosixQueue(const PosixQueue&) = delete;
  PosixQueue& operator=(const PosixQueue&) = delete;

  Result<void> open() override {
    close();
    queue_ = ::mq_open(name_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    mq_attr attributes{};
    if (queue_ == kClosed || ::mq_getattr(queue_, &attributes) != 0) return failed("mq_open");
    message_max_ = static_cast<std::size_t>(attributes.mq_msgsize);
    return {};
  }

  void close() override {
    if (queue_ != kClosed) ::mq_close(std::exchange(queue_, kClosed));
  }

  Result<bool> receive(ByteBuffer& bytes, std::int64_t& mark, Milliseconds wait) override {
    if (queue_ == kClosed) {
      if (Result<void> opened = open(); !opened) return pass_on(opened);
    }
    for (bool has_waited = false;; has_waited = true) {
      const std::size_t at = bytes.size();
      bytes.resize(at + message_max_);
      unsigned priority = 0;
      const ssize_t size =
          ::mq_receive(queue_, reinterpret_cast<char*>(bytes.data() + at), message_max_, &priority);
      const int error = errno;
      bytes.resize(at + static_cast<std::size_t>(size < 0 ? 0 : size));
      mark = priority;
      if (size >= 0) return true;
      if (error != EAGAIN && error != EINTR) {
        errno = error;
        return failed("mq_receive");
      }
      if (has_waited || wait.count() == 0 || !is_there_after(wait)) return false;
    }
  }

  bool send_back(ByteView bytes, std::int64_t mark) override {
    return queue_ != kClosed && ::mq_send(queue_, reinterpret_cast<const char*>(bytes.data()),
                                          bytes.size(), static_cast<unsigned>(mark)) == 0;
  }

  void interrupt() override {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_.number(), &one, sizeof one));
  }

  [[nodiscard]] std::int64_t depth() const override {
    mq_attr attributes{};
    const bool is_known = queue_ != kClosed && ::mq_getattr(queue_, &attributes) == 0;
    return is_known ? attributes.mq_curmsgs : -1;
  }

 private:
  tl::unexpected<Error> failed(std::string_view verb) {
    const int error = errno;
    close();
    return tl::make_unexpected(Error{ErrorKind::source,
                                     "posix-mq: " + std::string(verb) + " of " + name_ + ": " +
                                         std::generic_category().message(error),
                                     {}});
  }

  // A descriptor of a queue can be polled on Linux.
  bool is_there_after(Milliseconds wait) {
    std::array<pollfd, 2> both = {pollfd{queue_, POLLIN, 0}, pollfd{wake_.number(), POLLIN, 0}};
    ::poll(both.data(), both.size(), static_cast<int>(wait.count()));
    std::uint64_t calls = 0;
    static_cast<void>(::read(wake_.number(), &calls, sizeof calls));
    return (both[0].revents & POLLIN) != 0;
  }

  const std::string name_;
  const Descriptor wake_;
  mqd_t queue_ = kClosed;
  std::size_t message_max_ = 0;
};

}  // namespace

std::unique_ptr<Queue> make_posix_queue(std::string name) {
  return std::make_unique<PosixQueue>(std::move(name));
}

}  // namespace copybridge::adapters::kernel_queue
