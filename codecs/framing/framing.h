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

using copybridge::RecordPlace;
using copybridge::RecordSpan;

/// How records lie in a stream. V and VB differ only in the BDWs, which transfers often drop; so do
/// VS and VBS.
enum class Recfm : std::uint8_t {
  fixed,             ///< F, FB
  variable,          ///< V
  variable_blocked,  ///< VB
  spanned,           ///< VS: records cut into segments, which RDWs tell apart
  spanned_blocked,   ///< VBS
  line,
  length_prefixed,  ///< a length of 1, 2 or 4 bytes that does not count itself (z/OSMF: 4)
  ims_llzz,         ///< LL, two bytes that count themselves, and ZZ
  gnucobol,         ///< variable sequential files of GnuCOBOL, by COB_VARSEQ_FORMAT
  micro_focus,      ///< variable sequential files of Micro Focus, with their file header
  ftp_block,        ///< MODE B of RFC 959
  measured          ///< the record itself says how long it is, by FramingOptions::measure
};
/// Whether blocks begin with a BDW. automatic: they do where the stream begins with a block, that
/// is a sound BDW whose RDWs fill it exactly; a block that breaks off counts where at least two
/// RDWs fitted it before something else came, or one before the stream's end. Decided once, from
/// at most the first 64 KiB. Records that begin with a length of themselves (IMS LLZZ in an
/// RDW) look the same as blocks of one record: those need `no`. Written: VB and VBS have them.
enum class Presence : std::uint8_t { automatic, yes, no };

/// What a measure says of the bytes at a record's start.
struct Measured {
  enum class Kind : std::uint8_t {
    size,  ///< the record has `size` bytes
    more,  ///< not to be said from so few bytes
    bad    ///< no record begins here
  };
  Kind kind = Kind::more;
  std::uint64_t size = 0;
  std::uint64_t size_min = 1;  ///< where what says so ends: no record is shorter
};

/// How long a record is, by its own contents. Immutable, used from any number of threads.
class RecordMeasure {
 public:
  virtual ~RecordMeasure() = default;
  /// `bytes` begin with a record; what follows it may be among them. `place` is header for one of
  /// FramingOptions::header_records; that a record is a trailer is not known yet.
  [[nodiscard]] virtual Measured measure(ByteView bytes, RecordPlace place) const = 0;
  /// After `bad`: what was found and expected, `LEN-FIELD at offset 4: found 4040, expected …`.
  [[nodiscard]] virtual std::string explain(ByteView bytes, RecordPlace place) const = 0;
};

/// Which records belong together into one document. Immutable, used from any number of threads.
class RecordGrouper {
 public:
  enum class Role : std::uint8_t {
    begins,     ///< the first record of a document
    continues,  ///< belongs to the document before it; without one it is one itself
    alone       ///< no part of a document: handed out as it is
  };
  virtual ~RecordGrouper() = default;
  [[nodiscard]] virtual Role role(ByteView record) const = 0;
};

struct FramingOptions {
  Recfm recfm = Recfm::fixed;
  std::uint32_t lrecl = 0;             ///< fixed: the record's size; V: the largest RDW allowed,
                                       ///< its own 4 bytes counted (0: 32,760); others: the
                                       ///< largest record (0: record_bytes_max)
  Presence bdw = Presence::automatic;  ///< automatic: looked for in the first bytes
  bool rdw_little_endian = false;      ///< also of the lengths of length_prefixed and ims_llzz
  bool rdw_includes_itself = true;     ///< an RDW counts its own four bytes
  std::int32_t rdw_adjust = 0;         ///< added to every record's length as written
  bool bdw_little_endian = false;
  bool bdw_includes_itself = true;
  std::int32_t bdw_adjust = 0;
  /// Bytes of a block at most, its BDW counted. 0: 27,998 are written, any number is read.
  std::uint32_t block_size = 0;
  /// V, length_prefixed, ims_llzz: a record begins with its RDW or length, as copybooks of IMS
  /// messages (LL, ZZ) have it.
  bool keep_prefix = false;
  /// line: the bytes that end a line (NEL 15 and LF 25 in EBCDIC, 0A in ASCII); CR before them
  /// is dropped in ASCII. The first one is written.
  std::vector<std::uint8_t> line_ends = {};
  bool writes_carriage_return = false;  ///< line: 0D before the line end
  bool wraps_lines = false;             ///< line: one longer than lrecl is several records
  /// fixed: the last record of the stream may be shorter than lrecl; written, too.
  bool accepts_short_last = false;
  std::uint32_t record_prefix = 0;    ///< bytes cut off the front of every record
  std::uint32_t record_suffix = 0;    ///< and off its end
  std::uint32_t header_records = 0;   ///< records at the stream's start that are headers
  std::uint32_t trailer_records = 0;  ///< and at its end that are trailers
  std::uint64_t skip_header = 0;      ///< bytes before the first record
  std::uint64_t skip_trailer = 0;     ///< bytes after the last; needs the stream's end in sight;
                                      ///< at most record_bytes_max
  std::uint32_t length_bytes = 4;     ///< length_prefixed: 1, 2 or 4 bytes
  std::uint32_t varseq_format = 0;    ///< gnucobol: COB_VARSEQ_FORMAT, 0 to 3
  std::shared_ptr<const RecordMeasure> measure = nullptr;  ///< measured: required
  /// Puts records together into documents, each a record of its parts; null: single records.
  std::shared_ptr<const RecordGrouper> grouper = nullptr;
  /// A record or document that is larger than this is broken framing.
  std::uint32_t record_bytes_max = 16U << 20;
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
    /// What the first bytes decided: -1 not yet; BDWs: 0 no, 1 yes; micro_focus: bytes of a
    /// record header; ftp_block: 1 behind the block with EOF.
    std::int8_t bdw_found = -1;
    std::uint64_t records = 0;  ///< before `position`; exact as long as headers are counted
  };

  virtual ~Framer() = default;

  /// Appends the records found in `piece` to `records` (offsets from the piece's start, or from
  /// that of the bytes that take_assembled() gives), at most
  /// `records_max` of them, and says how many bytes are done with. Records already found stay
  /// in `records` when the framing breaks behind them: the caller delivers them and then
  /// reports the error (ErrorKind::framing, with stream byte position, what was found, what was
  /// expected and, where it fits, the other reading of V against VB). `end_of_stream` says that
  /// nothing follows the piece: a truncated record is then an error.
  virtual Result<Framed> next(ByteView piece, bool end_of_stream, std::size_t records_max,
                              std::vector<RecordSpan>& records) = 0;
  /// Where records are put together from parts of the stream: swaps the bytes that the spans of
  /// the last next() lie in with `bytes`, and says true. False: they lie in the piece.
  virtual bool take_assembled(ByteBuffer& bytes) = 0;
  [[nodiscard]] virtual State state() const = 0;
  virtual void restore(const State& state) = 0;
};

/// What block_size may be. Blocks are held in memory while they are written.
inline constexpr std::uint32_t kBlockBytesLeast = 16;
inline constexpr std::uint32_t kBlockBytesMost = 16U << 20;

/// Whether the options can work together; ErrorKind::config.
Result<void> check(const FramingOptions& options);

/// Checks the options (a fixed format without lrecl is ErrorKind::config) and makes the framer.
[[nodiscard]] Result<std::unique_ptr<Framer>> make_framer(const FramingOptions& options);

}  // namespace copybridge::framing
