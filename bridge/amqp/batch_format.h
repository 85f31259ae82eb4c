// The message format of batches: Qpid Proton has no way to set one and writes 0 (AMQP 1.0, section
// 2.7.5), so it is put in where transfers go out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace copybridge::amqp {

/// The delivery tag of a message that goes out as a batch (0x80013700: each data section is an
/// encoded message). The peer sees another one, no less unique.
[[nodiscard]] std::array<char, 12> batch_tag(std::uint64_t number);

/// Passes on a connection's outgoing bytes. In transfers with a batch_tag the last four bytes of
/// the tag make room for the format: no frame changes its size.
class BatchFormat {
 public:
  /// Appends to `out` what is complete enough to be passed on. False: a transfer with such a tag
  /// does not stand as it is known here.
  [[nodiscard]] bool pass(std::string_view bytes, std::string& out);

 private:
  std::string held_;
  std::size_t rest_ = 0;  ///< bytes of the frame under way that need no look
};

}  // namespace copybridge::amqp
