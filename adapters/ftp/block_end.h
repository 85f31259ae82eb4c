// The end of a file in FTP's block mode (RFC 959, 3.4.2): it is in the stream, and a server may
// keep the data connection open behind it.
#pragma once

#include <cstdint>

#include "bridge/core/bytes.h"
#include "codecs/framing/block_framer.h"

namespace copybridge::adapters::ftp {

/// Follows the blocks of a stream that comes in pieces.
class BlockEnd {
 public:
  /// True: with these bytes the file has ended.
  bool add(ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size() && !has_ended_;) {
      if (left_ > 0) {
        const std::size_t taken = std::min<std::size_t>(left_, bytes.size() - at);
        left_ -= taken;
        at += taken;
      } else {
        take_header(bytes[at++]);
      }
      has_ended_ = header_ == 0 && left_ == 0 && (descriptor_ & framing::kFtpEndOfFile) != 0;
    }
    return has_ended_;
  }
  [[nodiscard]] bool has_ended() const { return has_ended_; }

 private:
  void take_header(std::uint8_t byte) {
    if (header_ == 0) {
      descriptor_ = byte;
      size_ = 0;
    } else {
      size_ = (size_ << 8U) | byte;
    }
    if (++header_ < framing::kFtpHeaderBytes) return;
    header_ = 0;
    left_ = size_;
  }

  std::uint8_t descriptor_ = 0;
  std::size_t header_ = 0;  ///< bytes of the header that were seen
  std::size_t size_ = 0;
  std::size_t left_ = 0;  ///< of the block
  bool has_ended_ = false;
};

}  // namespace copybridge::adapters::ftp
