// What all framers share: the position in the stream, the bytes before the first record and those
// after the last, the bytes cut off every record, and which records are headers.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// Strips header and trailer off a stream's pieces and keeps the position; the derived classes
/// cut what is left.
class StreamFramer : public Framer {
 public:
  explicit StreamFramer(const FramingOptions& options, bool assembles = false);

  Result<Framed> next(ByteView piece, bool end_of_stream, std::size_t records_max,
                      std::vector<RecordSpan>& records) final;
  bool take_assembled(ByteBuffer& bytes) final;
  [[nodiscard]] State state() const final { return state_; }
  void restore(const State& state) override { state_ = state; }

 protected:
  /// Bytes of records only.
  struct Piece {
    ByteView bytes;
    std::uint64_t position = 0;  ///< of bytes[0] in the stream
    bool is_end = false;         ///< no records follow
  };
  /// Records cut off a piece, offsets from its bytes[0] or from that of assembled_.
  struct Cuts {
    std::vector<RecordSpan>& records;
    std::size_t records_max;  ///< of this call
    std::size_t prefix;       ///< bytes cut off every record
    std::size_t suffix;
    std::uint64_t headers_left;  ///< records from here on that are headers
    std::uint64_t position = 0;  ///< of the piece in the stream
    std::size_t count = 0;
    std::size_t consumed = 0;

    [[nodiscard]] bool is_full() const { return count == records_max; }
    /// Where the next record stands.
    [[nodiscard]] RecordPlace place() const {
      return headers_left > 0 ? RecordPlace::header : RecordPlace::detail;
    }
    /// Adds a record without what is cut off it; fails where it has not so many bytes. Before
    /// `consumed` moves behind it.
    Result<void> add(std::size_t offset, std::size_t size) {
      if (size < prefix + suffix) [[unlikely]]
        return refuse(size);
      records.push_back({static_cast<std::uint32_t>(offset + prefix),
                         static_cast<std::uint32_t>(size - prefix - suffix), place()});
      headers_left -= headers_left > 0 ? 1 : 0;
      ++count;
      return {};
    }

   private:
    [[nodiscard]] Result<void> refuse(std::size_t size) const;
  };

  /// Cuts as many records as there are. On a failure `cuts` holds what came before it.
  virtual Result<void> cut(const Piece& piece, Cuts& cuts) = 0;
  [[nodiscard]] std::uint64_t skip_header() const { return skip_header_; }

  State state_;
  ByteBuffer assembled_;  ///< of framers that assemble: all records of the last next()

 private:
  Result<Framed> cut_between(ByteView piece, std::size_t header, bool is_end, Cuts& cuts);

  std::uint32_t record_prefix_;
  std::uint32_t record_suffix_;
  std::uint32_t header_records_;
  std::uint64_t skip_header_;
  std::uint64_t skip_trailer_;
  bool assembles_;
};

}  // namespace copybridge::framing
