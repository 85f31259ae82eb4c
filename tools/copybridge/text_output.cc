// write(2) until all is written.
#include "tools/copybridge/text_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

namespace copybridge::cli {

TextOutput::TextOutput(int descriptor) : descriptor_(descriptor) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

Result<void> TextOutput::flush() {
  Result<void> written = write(text_.view());
  text_.clear();
  return written;
}

Result<void> TextOutput::write(std::string_view rest) {
  while (!rest.empty() && !is_closed_) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      // Standard output may have been made non-blocking by whoever shares it.
      pollfd waiting{descriptor_, POLLOUT, 0};
      static_cast<void>(::poll(&waiting, 1, -1));
    } else if (errno == EPIPE) {
      is_closed_ = true;
    } else if (errno != EINTR) {
      return fail(ErrorKind::storage, "output: cannot write to standard output: " +
                                          std::system_category().message(errno));
    }
  }
  return {};
}

}  // namespace copybridge::cli
