// Framing: where one record ends and the next begins in a stream of bytes. Knows nothing of
// what is inside a record and nothing of where the bytes come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"

namespace copybridge::framing {

/// A record inside a buffer: its data without RDW or line end.
struct RecordSpan {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// RECFM of DESIGN section 6. V and VB differ only in the BDWs, which transfers often drop.
enum class Recfm : std::uint8_t { fixed, variable, variable_blocked, line, length_prefixed };
/// Whether blocks begin with a BDW. automatic: they do where the stream begins with a block, that
/// is a sound BDW whose RDWs fill it exactly; a block that breaks off counts where at least two
/// RDWs fitted it before something else came, or one before the stream's end. Decided once, from
/// at most the first 64 KiB. Records that begin with a length of themselves (IMS LLZZ in an
/// RDW) look the same as blocks of one record: those need `no`.
enum class Presence : std::uint8_t { automatic, yes, no };

/// A field inside every record, at the same place in each, that holds the record's length.
struct LengthField {
  enum class Form : std::uint8_t { binary_big, binary_little, zoned, packed };
  std::uint32_t offset = 0;  ///< from the record's start
  std::uint32_t size = 0;    ///< bytes
  Form form = Form::binary_big;
};

struct FramingOptions {
  Recfm recfm = Recfm::fixed;          ///< "F" and "FB" are both fixed
  std::uint32_t lrecl = 0;             ///< fixed: the record's size; V: the largest RDW allowed,
                                       ///< its own 4 bytes counted (0: 32,760)
  Presence bdw = Presence::automatic;  ///< automatic: looked for in the first bytes
  bool rdw_little_endian = false;
  bool rdw_includes_itself = true;  ///< an RDW counts its own four bytes
  std::int32_t rdw_adjust = 0;      ///< added to every RDW length
  bool bdw_little_endian = false;
  bool bdw_includes_itself = true;
  std::int32_t bdw_adjust = 0;
  /// line: the bytes that end a line (NEL 15 and LF 25 in EBCDIC, 0A in ASCII); CR before them
  /// is dropped in ASCII.
  std::vector<std::uint8_t> line_ends = {};
  std::uint64_t skip_header = 0;   ///< bytes before the first record
  std::uint64_t skip_trailer = 0;  ///< bytes after the last; needs the stream's end in sight;
                                   ///< at most record_bytes_max
  std::uint32_t length_bytes = 4;  ///< length_prefixed: 1, 2 or 4 bytes, big-endian
  /// fixed only: records are as long as this field says (plus rdw_adjust), counted from their
  /// start; lrecl is then the largest length allowed, 0: record_bytes_max.
  std::optional<LengthField> length_field = std::nullopt;
  std::uint32_t record_bytes_max = 16U << 20;  ///< larger than this is broken framing
};

/// What a framer made of a piece of a stream.
struct Framed {
  std::uint64_t consumed = 0;  ///< bytes of the piece that are done with; the rest is to be
                               ///< presented again, with more behind it
};

/// Cuts a stream into records. Single-threaded; one object for one stream from its start (or
/// from a saved State).
class Framer {
 public:
  /// Where framing stands, to go on from after a restart. `position` is the stream offset of the
  /// next byte to present.
  struct State {
    std::uint64_t position = 0;
    std::uint64_t block_left = 0;  ///< bytes left of the current block, 0 outside blocks
    std::int8_t bdw_found = -1;    ///< what `automatic` decided: -1 not yet, 0 no, 1 yes
  };

  virtual ~Framer() = default;

  /// Appends the records found in `piece` to `records` (offsets from the piece's start), at most
  /// `records_max` of them, and says how many bytes are done with. Records already found stay
  /// in `records` when the framing breaks behind them: the caller delivers them and then
  /// reports the error (ErrorKind::framing, with stream byte position, what was found, what was
  /// expected and, where it fits, the other reading of V against VB). `end_of_stream` says that
  /// nothing follows the piece: a truncated record is then an error.
  virtual Result<Framed> next(ByteView piece, bool end_of_stream, std::size_t records_max,
                              std::vector<RecordSpan>& records) = 0;
  [[nodiscard]] virtual State state() const = 0;
  virtual void restore(const State& state) = 0;
};

/// Checks the options (a fixed format without lrecl is ErrorKind::config) and makes the framer.
[[nodiscard]] Result<std::unique_ptr<Framer>> make_framer(const FramingOptions& options);

}  // namespace copybridge::framing
