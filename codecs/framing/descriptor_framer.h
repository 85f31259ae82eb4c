// Framer of records that descriptors tell apart: V, VB, VS and VBS, and FB with block descriptors.
#pragma once

#include <cstdint>
#include <string>

#include "codecs/framing/descriptor.h"
#include "codecs/framing/stream_framer.h"

namespace copybridge::framing {

class DescriptorFramer final : public StreamFramer {
 public:
  explicit DescriptorFramer(const FramingOptions& options);
  void restore(const State& state) override;

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  /// One record or segment, with the BDW before it where it is the first of its block.
  struct Extent {
    std::size_t offset = 0;        ///< of the data
    std::size_t size = 0;          ///< of the data
    std::uint64_t block_left = 0;  ///< behind the record; with a flaw: at it
    Segment segment = Segment::complete;
    Flaw flaw = Flaw::none;
    std::size_t flaw_at = 0;  ///< of the descriptor or record that the flaw is about
    bool is_block_flaw = false;
  };

  Result<void> cut_one(const Piece& rest, Cuts& cuts);
  Result<void> cut_segments(const Piece& rest, Cuts& cuts);
  [[nodiscard]] Extent measure(ByteView rest, std::uint64_t block_left) const;
  [[nodiscard]] static tl::unexpected<Error> broken_chain(const Piece& rest, std::size_t flaw_at,
                                                          std::uint64_t position, bool is_open);
  [[nodiscard]] tl::unexpected<Error> too_long(const Piece& rest, std::size_t size) const;
  [[nodiscard]] Error segments_ended(const Piece& rest, bool is_open) const;
  [[nodiscard]] bool has_blocks() const { return state_.bdw_found == 1; }
  [[nodiscard]] Error broken(const Piece& rest, const Extent& extent) const;
  [[nodiscard]] Error ended_early(const Piece& rest) const;
  [[nodiscard]] std::string other_reading(const Piece& rest) const;

  Presence bdw_presence_;
  DescriptorRule bdw_;
  DescriptorRule any_bdw_;  ///< whatever its size, which other options limit
  DescriptorRule rdw_;
  bool keeps_prefix_;
  std::size_t record_bytes_max_;  ///< of a record whose segments are put together
  std::size_t fixed_size_ = 0;    ///< FB: every record's size, no RDWs; 0: RDWs
  bool has_cut_ = false;          ///< a record was found since the start or restore()
};

}  // namespace copybridge::framing
