// What all framers share: the position in the stream, the bytes before the first record and those
// after the last.
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
    std::size_t count = 0;
    std::size_t consumed = 0;

    [[nodiscard]] bool is_full() const { return count == records_max; }
    void add(std::size_t offset, std::size_t size) {
      records.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size)});
      ++count;
    }
  };

  /// Cuts as many records as there are. On a failure `cuts` holds what came before it.
  virtual Result<void> cut(const Piece& piece, Cuts& cuts) = 0;

  State state_;
  ByteBuffer assembled_;  ///< of framers that assemble: all records of the last next()

 private:
  Result<Framed> cut_between(ByteView piece, std::size_t header, bool is_end, Cuts& cuts);

  std::uint64_t skip_header_;
  std::uint64_t skip_trailer_;
  bool assembles_;
};

}  // namespace copybridge::framing
