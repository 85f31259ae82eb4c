// The way back: a record's JSON to its bytes. A plan is compiled once from layout, options and
// alternatives, the same as for decoding; an Encoder carries what one thread needs to run it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "codecs/plan/options.h"
#include "codecs/plan/plan.h"

namespace copybridge::encode {

/// A member that is not there: refused, or its item's VALUE, else what INITIALIZE would move
/// there (zero, spaces).
enum class Missing : std::uint8_t { reject, initial };
enum class Unknown : std::uint8_t { reject, ignore };

/// A number with more decimals than its item: refused, cut off as MOVE does, or rounded half away
/// from zero as ROUNDED does.
enum class Rounding : std::uint8_t { reject, truncate, nearest };

struct EncodeOptions {
  Missing missing = Missing::reject;
  Unknown unknown = Unknown::reject;  ///< members that the plan does not know
  Rounding rounding = Rounding::reject;
  /// Which alternatives at a record's end may leave out what the storage that they share has more:
  /// all that plan::ends_with() says so of, those alone that conditions choose (who takes the
  /// records apart knows no others), or none.
  enum class ShortEnds : std::uint8_t { all, chosen, none };
  ShortEnds short_ends = ShortEnds::all;
  /// Binary items hold what their picture says, as under TRUNC(STD); false: what their bytes can.
  bool truncates_binary = false;
  /// Members of the record's own object that stand for other records: kept as text for
  /// Encoder::kept().
  struct KeptMember {
    std::string name;
    bool is_required = true;  ///< as the record's own members are
  };
  std::vector<KeptMember> kept = {};
};

/// Why a JSON text is no record.
struct Refusal {
  std::string path;        ///< JSON Pointer (RFC 6901) `/ITEMS/2/AMOUNT`; empty: the whole record
  std::size_t offset = 0;  ///< of the value in the text, in bytes
  std::string found;       ///< the value's text, at most 64 bytes; empty where a rule masks it
  std::string expected;    ///< "at most 5 digits before the decimal point"
  std::string message;     ///< `/ITEMS/2/AMOUNT: 7 digits before the decimal point, but …`
};

/// A record that encode_lines() made.
struct LineRecord {
  std::uint64_t line = 0;  ///< of the lines given, from 0
  std::size_t offset = 0;  ///< in the bytes that were appended to
  std::size_t size = 0;
};

/// How far encode_lines() came.
struct LinesDone {
  std::size_t consumed = 0;  ///< characters of the text, whole lines with their ends
  std::uint64_t lines = 0;   ///< that these are, empty ones too
  bool is_refused = false;   ///< the last of them is no record: refusal() says why
};

struct Program;

/// Compiled once, immutable, used from any number of threads.
class EncodePlan {
 public:
  /// Compiles. Mistakes go to `diagnostics`, null where there are errors. Needs the same options
  /// and alternatives as the plan that decodes; with `keep_raw` the member `_raw` is where
  /// encoding starts from.
  static std::unique_ptr<const EncodePlan> compile(std::shared_ptr<const copybook::Layout> layout,
                                                   const plan::PlanOptions& options,
                                                   std::vector<plan::Alternative> alternatives,
                                                   const EncodeOptions& encode_options,
                                                   Diagnostics& diagnostics);
  ~EncodePlan();
  EncodePlan(const EncodePlan&) = delete;
  EncodePlan& operator=(const EncodePlan&) = delete;

  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  explicit EncodePlan(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

/// Runs a plan. Not thread-safe; the plan must outlive it.
class Encoder {
 public:
  explicit Encoder(const EncodePlan& plan);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// Appends the record of one JSON object to `out`. False: `out` is as it was, and refusal()
  /// says why. kReadableTail bytes behind the text must be readable. Never throws; after the first
  /// records it allocates only to grow `out`.
  [[nodiscard]] bool encode(std::string_view json, ByteBuffer& out);

  /// Appends the records of JSON Lines to `out`, and where they are to `records`. Lines end with LF
  /// or CR LF; the last one needs no end where `is_end` says that nothing follows. Empty lines are
  /// passed over. Ends behind a line that is refused, and once `out` holds `most` bytes.
  /// kReadableTail bytes behind the text must be readable.
  [[nodiscard]] LinesDone encode_lines(std::string_view text, bool is_end, std::size_t most,
                                       ByteBuffer& out, std::vector<LineRecord>& records);

  /// Why the last line was refused; the text it was given must still be there.
  [[nodiscard]] Refusal refusal() const;

  /// The value of member EncodeOptions::kept[index] in the text that encode() was given last;
  /// empty where it was not there.
  [[nodiscard]] std::string_view kept(std::size_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace copybridge::encode
