// Framer of records that descriptors tell apart: V and VB, and FB with block descriptors.
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
  /// One record, with the BDW before it where it is the first of its block.
  struct Extent {
    std::size_t offset = 0;        ///< of the data
    std::size_t size = 0;          ///< of the data
    std::uint64_t block_left = 0;  ///< behind the record
    Flaw flaw = Flaw::none;
    std::size_t flaw_at = 0;  ///< of the descriptor or record that the flaw is about
    bool is_block_flaw = false;
  };

  [[nodiscard]] Extent measure(ByteView rest) const;
  [[nodiscard]] bool has_blocks() const { return state_.bdw_found == 1; }
  [[nodiscard]] Error broken(const Piece& rest, const Extent& extent) const;
  [[nodiscard]] Error ended_early(const Piece& rest) const;
  [[nodiscard]] std::string other_reading(const Piece& rest) const;

  Presence bdw_presence_;
  DescriptorRule bdw_;
  DescriptorRule rdw_;
  std::size_t fixed_size_ = 0;  ///< FB: every record's size, no RDWs; 0: RDWs
  bool has_cut_ = false;        ///< a record was found since the start or restore()
};

}  // namespace copybridge::framing
