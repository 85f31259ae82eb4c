// The message format of batches: Qpid Proton has no way to set one and writes 0 (AMQP 1.0, section
// 2.7.5), so it is put in where transfers go out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace copybridge::amqp {

/// The delivery tag of a message. One that goes out as a batch (0x80013700: each data section is an
/// encoded message) has another at the peer, no less unique.
[[nodiscard]] std::array<char, 12> delivery_tag(std::uint64_t number, bool is_batch);

/// Passes on a connection's outgoing bytes. In transfers of batches the last four bytes of the tag
/// make room for the format: no frame changes its size.
class BatchFormat {
 public:
  /// A message with such a tag, batch or not, will go out.
  void expect() { ++expected_; }
  /// Appends to `out` what is complete enough to be passed on. False: a batch's transfer does not
  /// stand as it is known here.
  [[nodiscard]] bool pass(std::string_view bytes, std::string& out);
  /// Whether a message has gone out that was not seen, where all but `queued` of those expected
  /// have been passed on: its transfer is written in a way that is not known here.
  [[nodiscard]] bool is_missing(std::uint64_t queued) const { return expected_ > seen_ + queued; }

 private:
  bool put_format(std::span<char> head);

  std::string held_;
  std::size_t rest_ = 0;  ///< bytes of the frame under way that need no look
  std::uint64_t expected_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace copybridge::amqp
