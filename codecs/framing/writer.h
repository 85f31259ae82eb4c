// The inverse of framing: records to the stream that a framer of the same options takes apart.
#pragma once

#include <memory>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "codecs/framing/framing.h"

namespace copybridge::framing {

/// Frames records one after the other. Single-threaded; one object for one stream.
class FrameWriter {
 public:
  virtual ~FrameWriter() = default;

  /// Whether the format can hold the record; ErrorKind::bad_record where it cannot (too long, a
  /// line end within a line). `is_followed`: it is known not to be the stream's last one.
  [[nodiscard]] virtual Result<void> check(ByteView record, bool is_followed) const = 0;
  /// Appends the framed record to `out`; a record that goes into a block is held until the block
  /// is full. Fails as check(): nothing of the record is written, and the next one may follow.
  virtual Result<void> write(ByteView record, ByteBuffer& out) = 0;
  /// Appends records of one size that lie side by side, as write() does with each; false, and
  /// nothing is written, where each has to be looked at by itself.
  virtual bool write_side_by_side(ByteView /*records*/, std::size_t /*size*/, ByteBuffer& /*out*/) {
    return false;
  }
  /// Appends what is held and what ends the stream. Called once, behind the last record.
  virtual Result<void> finish(ByteBuffer& out) = 0;
};

/// Checks the options and makes the writer. With Presence::automatic VB and VBS are written with
/// BDWs, V, VS and FB without; blocks have at most `block_size` bytes. micro_focus needs lrecl,
/// which its file header holds. ErrorKind::config, also where something belongs around the records
/// that is not known (skip_header, record_prefix and the like).
[[nodiscard]] Result<std::unique_ptr<FrameWriter>> make_writer(const FramingOptions& options);

/// Writes the records of a document (group_framer.h), all of them or, as write(), none.
Result<void> write_document(ByteView document, FrameWriter& writer, ByteBuffer& out);

}  // namespace copybridge::framing
