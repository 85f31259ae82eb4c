// Sequence numbers against what should come next.
#include "bridge/spool/scan.h"

namespace copybridge::spool {

void SegmentScan::add_damage(const Piece& piece, std::string_view reason) {
  if (!damage_) {
    damage_ = ScanItem{.kind = ScanItem::Kind::damage, .offset = piece.offset, .reason = reason};
  }
  damage_->size = piece.offset + piece.size - damage_->offset;
}

/// The damage that lies before the record `next_sequence`.
ScanItem SegmentScan::take_damage(std::uint64_t next_sequence, std::uint64_t at) {
  ScanItem item = damage_.value_or(
      ScanItem{.kind = ScanItem::Kind::damage, .offset = at, .reason = "records are missing here"});
  item.sequence = expected_;
  item.lost = next_sequence - expected_;
  expected_ = next_sequence;
  damage_.reset();
  return item;
}

ScanItem SegmentScan::finish(const ScanBounds& bounds, std::uint64_t at) {
  if (bounds.end_sequence > expected_) return take_damage(bounds.end_sequence, at);
  if (damage_) return take_damage(expected_, at);
  return ScanItem{.offset = at};
}

Result<ScanItem> SegmentScan::next(const ScanBounds& bounds) {
  for (;;) {
    if (bounds.end_sequence > 0 && expected_ >= bounds.end_sequence && !bounds.is_open_ended) {
      return ScanItem{.offset = end_};
    }
    Piece piece;
    if (held_) {
      piece = *held_;
      held_.reset();
    } else {
      const Result<Piece> read = reader_.next(bounds.limit, bounds.synced);
      if (!read) return pass_on(read);
      piece = *read;
    }
    // Records behind the end were never confirmed: the source has sent them again since.
    const bool is_past_end = piece.kind == Piece::Kind::frame && !bounds.is_open_ended &&
                             bounds.end_sequence > 0 && piece.sequence >= bounds.end_sequence;
    if (piece.kind == Piece::Kind::end || is_past_end) return finish(bounds, piece.offset);
    if (piece.kind == Piece::Kind::damage) {
      add_damage(piece, "bytes are not what was written");
    } else if (piece.sequence < expected_) {
      add_damage(piece, "a record stands here again");
    } else if (piece.sequence > expected_ || damage_) {
      held_ = piece;
      return take_damage(piece.sequence, piece.offset);
    } else {
      ++expected_;
      end_ = piece.offset + piece.size;
      return ScanItem{.kind = ScanItem::Kind::record,
                      .sequence = piece.sequence,
                      .offset = piece.offset,
                      .size = piece.size,
                      .payload = piece.payload};
    }
  }
}

}  // namespace copybridge::spool
