// The inner loop of decoding.
#include "tools/copybridge/decode_batch.h"

#include <algorithm>
#include <span>
#include <utility>

namespace copybridge::cli {

using condition::Truth;
using framing::RecordPlace;

namespace {

/// The reason is made only where somebody reads it.
template <typename Explain>
Verdict rejected(std::string* reason, const Explain& explain) {
  if (reason != nullptr) *reason = explain();
  return Verdict::rejected;
}

/// As a route does it: the first mapping that matches, then its only_if.
Verdict decode_mapped(const DecodeRules& rules, ByteView record, RecordPlace place, TextBuffer& out,
                      std::string* reason, plan::Plan::Counts* counts) {
  bool is_expected = place == RecordPlace::detail;
  for (const auto& mapping : rules.mappings) {
    is_expected = is_expected || mapping->place == place;
    const Truth matches = mapping->matches(record, place);
    if (matches == Truth::no) continue;
    if (matches == Truth::misfit)
      return rejected(reason,
                      [&] { return mapping->name + ": " + mapping->explain_match(record); });
    const ByteView subject = mapping->subject_record(record);
    const Truth wanted = mapping->only_if.evaluate(subject);
    if (wanted == Truth::no) return Verdict::left_out;
    if (wanted == Truth::misfit) {
      return rejected(reason,
                      [&] { return mapping->name + ": " + mapping->only_if.explain(subject); });
    }
    if (mapping->decode(record, out, counts)) return Verdict::decoded;
    return rejected(reason, [&] { return mapping->explain(record).message; });
  }
  if (!is_expected) return Verdict::left_out;
  return rejected(reason, [] { return std::string("no mapping matches the record"); });
}

/// Of a record that is no detail: by its own plan, or left out.
Verdict decode_placed(const plan::Plan* plan, ByteView record, TextBuffer& out, std::string* reason,
                      plan::Plan::Counts* counts) {
  if (plan == nullptr) return Verdict::left_out;
  if (plan->decode(record, out, counts)) return Verdict::decoded;
  return rejected(reason, [&] { return plan->explain(record).message; });
}

}  // namespace

Verdict decode_one(const DecodeRules& rules, ByteView record, RecordPlace place, TextBuffer& out,
                   std::string* reason, plan::Plan::Counts* counts) {
  if (!rules.mappings.empty()) return decode_mapped(rules, record, place, out, reason, counts);
  if (place != RecordPlace::detail) {
    const bool is_header = place == RecordPlace::header;
    return decode_placed(is_header ? rules.header : rules.trailer, record, out, reason, counts);
  }
  if (!rules.where.is_empty()) {
    const Truth truth = rules.where.evaluate(record);
    if (truth == Truth::no) return Verdict::left_out;
    if (truth == Truth::misfit)
      return rejected(reason, [&] { return "--where: " + rules.where.explain(record); });
  }
  if (rules.plan->decode(record, out, counts)) return Verdict::decoded;
  return rejected(reason, [&] { return rules.plan->explain(record).message; });
}

void Decoded::clear() {
  text.clear();
  lines = read = 0;
  rejects.clear();
  counts = {};
}

namespace {

using Spans = std::span<const framing::RecordSpan>;

/// Records at the front that go through one plan, whatever they are and however many fit.
Spans plain_ones(const DecodeRules& rules, Spans records, std::uint64_t lines_max) {
  if (!rules.mappings.empty() || !rules.where.is_empty() || lines_max != 0) return {};
  const auto end = std::ranges::find_if(
      records, [](const auto& span) { return span.place != RecordPlace::detail; });
  return records.first(static_cast<std::size_t>(end - records.begin()));
}

}  // namespace

void decode_records(const DecodeRules& rules, ByteView piece, Spans records,
                    std::uint64_t lines_max, std::size_t messages_max, Decoded& decoded) {
  const Spans plain = plain_ones(rules, records, lines_max);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i < plain.size()) {
      const std::size_t count =
          rules.plan->decode_lines(piece, plain.subspan(i), decoded.text, &decoded.counts);
      decoded.read += count;
      decoded.lines += count;
      i += count;
      if (i == records.size()) return;
    }
    const framing::RecordSpan& span = records[i];
    const auto number = static_cast<std::uint32_t>(decoded.read++);
    std::string reason;
    const bool is_shown = decoded.rejects.size() < messages_max;
    const Verdict verdict = decode_one(rules, piece.subspan(span.offset, span.size), span.place,
                                       decoded.text, is_shown ? &reason : nullptr, &decoded.counts);
    if (verdict == Verdict::rejected) decoded.rejects.push_back({number, std::move(reason)});
    if (verdict != Verdict::decoded) continue;
    decoded.text.append('\n');
    if (++decoded.lines == lines_max) return;
  }
}

}  // namespace copybridge::cli
