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

  /// Appends the framed record to `out`; a record that goes into a block is held until the block
  /// is full. ErrorKind::bad_record where the format cannot hold the record (too long, a line end
  /// within a line): nothing of it is written, and the next record may follow.
  virtual Result<void> write(ByteView record, ByteBuffer& out) = 0;
  /// Appends what is held and what ends the stream. Called once, behind the last record.
  virtual Result<void> finish(ByteBuffer& out) = 0;
};

/// Checks the options and makes the writer. With Presence::automatic VB and VBS are written with
/// BDWs, V, VS and FB without; blocks have at most `block_size` bytes. micro_focus needs lrecl,
/// which its file header holds. ErrorKind::config, also for skip_header and skip_trailer: what
/// would stand there is not known.
[[nodiscard]] Result<std::unique_ptr<FrameWriter>> make_writer(const FramingOptions& options);

}  // namespace copybridge::framing
