// Lines on standard output, written by a thread of its own since a reader may be slow.
#include "bridge/publishers/stdout_publisher.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <system_error>

#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {
namespace {

constexpr int kPollMs = 100;

constexpr OptionSpec kOptions[] = {kLineFormatOption};

class StdoutPublisher : public Publisher {
 public:
  explicit StdoutPublisher(LineFormat format) : format_(format) {}
  ~StdoutPublisher() override { worker_.stop(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override;
  Limits limits() const override;
  void publish(Request request) override { worker_.push(std::move(request)); }
  void close(Milliseconds limit) override { worker_.stop(limit); }

 private:
  Response write(const Request& request);
  Response failed(Outcome outcome, std::string reason) const;
  bool wait_for_room();

  const LineFormat format_;
  bool is_file_ = false;
  bool is_torn_ = false;  ///< the last write ended inside a line
  std::string text_;
  RequestWorker worker_;
};

Result<void> StdoutPublisher::open(CompletionPort port) {
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) != 0) {
    return fail(ErrorKind::storage, "stdout: standard output is closed");
  }
  is_file_ = S_ISREG(status.st_mode);
  worker_.start(port,
                {.handle = [this](const Request& request) { return write(request); }, .idle = {}});
  return {};
}

Limits StdoutPublisher::limits() const {
  return {.events_per_request = 1000,
          .bytes_per_request = 1'000'000,
          .requests_in_flight = 1,
          .keeps_order = true};
}

Response StdoutPublisher::failed(Outcome outcome, std::string reason) const {
  return {.outcomes = {outcome}, .reason = "stdout: " + std::move(reason)};
}

Response StdoutPublisher::write(const Request& request) {
  text_.clear();
  // A torn line of an earlier attempt must not run into the line that is written again.
  if (is_torn_) text_ += '\n';
  for (const Event* event : request.events) append_line(text_, *event, format_);
  std::string_view rest = text_;
  while (!rest.empty()) {
    if (!wait_for_room()) return failed(Outcome::retry, "stopped while the reader was slow");
    // A pipe with room takes PIPE_BUF bytes without blocking, so that a stop is never stuck here.
    const std::size_t size = is_file_ ? rest.size() : std::min<std::size_t>(rest.size(), PIPE_BUF);
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), size);
    if (written <= 0) {
      const int error = errno;
      if (error == EINTR || error == EAGAIN) continue;
      return failed(error == EPIPE || error == EBADF ? Outcome::refused : Outcome::retry,
                    "cannot write: " + std::generic_category().message(error));
    }
    is_torn_ = rest[static_cast<std::size_t>(written) - 1] != '\n';
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {.outcomes = {Outcome::accepted}};
}

bool StdoutPublisher::wait_for_room() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  while (::poll(&output, 1, kPollMs) <= 0) {
    if (worker_.is_cancelled()) return false;
  }
  return true;
}

std::unique_ptr<Publisher> make_stdout(const PublisherContext&, const Options& options,
                                       Diagnostics&) {
  return std::make_unique<StdoutPublisher>(line_format_of(options));
}

}  // namespace

const PublisherKind kStdoutPublisher{.kind = "stdout",
                                     .help = "Prints one line per event on standard output.",
                                     .options = kOptions,
                                     .make = make_stdout};

}  // namespace copybridge::publishers
