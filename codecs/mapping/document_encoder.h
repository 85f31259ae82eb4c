// The way back of documents: the JSON of a record with the records that belong to it, in arrays
// within its object, to all of these records.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/diagnostics.h"
#include "codecs/encode/encode.h"
#include "codecs/mapping/hierarchy.h"

namespace copybridge::mapping {

/// The layout with the values that a condition demands as VALUEs of its items: a record type's code
/// that its mapping drops has no member to come from.
[[nodiscard]] std::shared_ptr<const copybook::Layout> layout_with_values(
    const std::shared_ptr<const copybook::Layout>& layout, const condition::Condition& match);

/// A hierarchy compiled for encoding. Immutable, used from any number of threads.
struct DocumentPlan {
  std::shared_ptr<const Hierarchy> hierarchy;
  /// By type of the hierarchy, null for those that are left out.
  std::vector<std::unique_ptr<const encode::EncodePlan>> types;

  /// Mistakes go to `diagnostics`; null where there are errors.
  [[nodiscard]] static std::unique_ptr<const DocumentPlan> compile(
      std::shared_ptr<const Hierarchy> hierarchy, const encode::EncodeOptions& options,
      Diagnostics& diagnostics);
};

/// Runs a plan, which must outlive it. For one thread.
class DocumentEncoder {
 public:
  explicit DocumentEncoder(const DocumentPlan& plan);
  ~DocumentEncoder();
  DocumentEncoder(const DocumentEncoder&) = delete;
  DocumentEncoder& operator=(const DocumentEncoder&) = delete;

  /// Appends the document of one JSON object to `out`, each record behind its length
  /// (framing::write_document), in the order of the JSON or of `_order`. Decoding gives the same
  /// records to each type and parent. False: `out` is as it was, and refusal() says why.
  /// kReadableTail bytes behind the text must be readable.
  [[nodiscard]] bool encode(std::string_view json, ByteBuffer& out);

  /// As encode::Encoder::encode_lines(), with documents for records.
  [[nodiscard]] encode::LinesDone encode_lines(std::string_view text, bool is_end, std::size_t most,
                                               ByteBuffer& out,
                                               std::vector<encode::LineRecord>& records);

  /// Why the last encode() or the last line was refused; its text must still be there.
  [[nodiscard]] encode::Refusal refusal() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace copybridge::mapping
