// Framers of streams with their own structure: FTP's block mode and Micro Focus variable files.
#pragma once

#include "codecs/framing/stream_framer.h"

namespace copybridge::framing {

/// MODE B of RFC 959, section 3.4.2, as z/OS sends it with TYPE E: blocks of a descriptor byte, a
/// count of two bytes and data. A record may come in several blocks and ends with the one that has
/// EOR; the file ends with EOF, which must come. Restart markers are no data.
class FtpBlockFramer final : public StreamFramer {
 public:
  explicit FtpBlockFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  struct Block {
    std::uint8_t code = 0;
    std::size_t size = 0;  ///< of the data
  };
  /// What the blocks up to a record's or the file's end come to.
  struct Run {
    std::size_t size = 0;  ///< of the stream
    bool is_record = false;
    bool is_last = false;
  };

  /// Puts the next record into assembled_. A Run of no size: it is not whole yet.
  Result<Run> run(const Piece& rest);
  [[nodiscard]] bool is_behind_end() const { return state_.bdw_found == 1; }

  std::size_t record_bytes_max_;
};

/// Variable sequential files of Micro Focus: a file header of 128 bytes, then records with a
/// header of 2 bytes (4, where the largest record has 4,095 bytes or more): four bits of type, the
/// others the length, which does not count the header. Each begins at a multiple of four bytes
/// and takes eight at least.
class MicroFocusFramer final : public StreamFramer {
 public:
  explicit MicroFocusFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  /// Takes the file header in; false where it is not whole yet.
  Result<bool> begin(const Piece& piece, Cuts& cuts);
  Result<bool> cut_one(const Piece& rest, Cuts& cuts);

  std::size_t record_bytes_max_;
};

inline constexpr std::uint8_t kFtpEndOfRecord = 128;
inline constexpr std::uint8_t kFtpEndOfFile = 64;
inline constexpr std::uint8_t kFtpSuspect = 32;
inline constexpr std::uint8_t kFtpRestartMarker = 16;
inline constexpr std::size_t kFtpHeaderBytes = 3;

inline constexpr std::size_t kMicroFocusHeaderBytes = 128;
/// From this size of the largest record on, record headers have four bytes.
inline constexpr std::size_t kMicroFocusLongRecord = 4095;
/// Bytes that a record with its header takes in the file.
[[nodiscard]] std::size_t micro_focus_extent(std::size_t head, std::size_t size);

}  // namespace copybridge::framing
