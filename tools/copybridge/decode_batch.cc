// The inner loop of decoding.
#include "tools/copybridge/decode_batch.h"

namespace copybridge::cli {

using condition::Truth;

namespace {

void reject(const DecodeRules& rules, ByteView record, bool by_condition, std::uint32_t number,
            Decoded& decoded) {
  Reject& reject = decoded.rejects.emplace_back();
  reject.record = number;
  if (decoded.rejects.size() > Decoded::kMessagesMax) return;
  reject.message =
      by_condition ? "--where: " + rules.where.explain(record) : rules.plan.explain(record).message;
}

}  // namespace

void Decoded::clear() {
  text.clear();
  lines = read = 0;
  rejects.clear();
}

void decode_records(const DecodeRules& rules, ByteView piece,
                    std::span<const framing::RecordSpan> records, std::uint64_t lines_max,
                    Decoded& decoded) {
  const bool is_filtered = !rules.where.is_empty();
  for (const framing::RecordSpan& span : records) {
    const ByteView record = piece.subspan(span.offset, span.size);
    const auto number = static_cast<std::uint32_t>(decoded.read++);
    if (is_filtered) {
      const Truth truth = rules.where.evaluate(record);
      if (truth == Truth::misfit) reject(rules, record, true, number, decoded);
      if (truth != Truth::yes) continue;
    }
    if (!rules.plan.decode(record, decoded.text)) {
      reject(rules, record, false, number, decoded);
      continue;
    }
    decoded.text.append('\n');
    if (++decoded.lines == lines_max) return;
  }
}

}  // namespace copybridge::cli
