// A piece's lines in runs that end at lines that are refused.
#include "codecs/mapping/line_encoder.h"

#include <algorithm>
#include <utility>

#include "codecs/encode/each_line.h"

namespace copybridge::mapping {

using condition::Truth;
using framing::RecordPlace;

namespace {

/// Records stay in a core's own cache until they are framed.
constexpr std::size_t kUnframedBytes = std::size_t{256} << 10U;
/// A few characters may become a long record: what is written at a time is bounded, too.
constexpr std::size_t kFramedBytes = std::size_t{4} << 20U;
constexpr std::string_view kBlanks = " \t\r\n";

void reject(std::uint64_t line, std::string message, EncodedLines& done) {
  done.rejects.push_back({line, std::move(message)});
}

/// Characters in front of the last `count` lines that are not empty; the last line may have no end.
std::size_t front_of_last(std::string_view text, std::uint64_t count) {
  std::size_t begin = text.size();
  for (; count > 0; --count) {
    const std::size_t last = text.substr(0, begin).find_last_not_of(kBlanks);
    if (last == std::string_view::npos) return 0;
    const std::size_t line_end = text.substr(0, last).rfind('\n');
    begin = line_end == std::string_view::npos ? 0 : line_end + 1;
  }
  return begin;
}

/// The first line that is not empty, with those before it and its end; empty where it has none yet.
std::string_view first_line(std::string_view text, bool is_end) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text;
  const std::size_t line_end = text.find('\n', begin);
  if (line_end == std::string_view::npos) return is_end ? text : std::string_view();
  return text.substr(0, line_end + 1);
}

}  // namespace

LinePlan LinePlan::compile(std::shared_ptr<const Mapping> mapping,
                           const encode::EncodeOptions& options, Diagnostics& diagnostics) {
  LinePlan plan;
  plan.place = mapping->place;
  if (mapping->hierarchy != nullptr) {
    plan.documents = DocumentPlan::compile(mapping->hierarchy, options, diagnostics);
  } else {
    plan.records =
        encode::EncodePlan::compile(layout_with_values(mapping->layout, mapping->match),
                                    mapping->options, mapping->alternatives, options, diagnostics);
  }
  plan.mapping = std::move(mapping);
  return plan;
}

encode::EncodeOptions framed_options(encode::EncodeOptions options,
                                     const framing::FramingOptions& framing,
                                     bool has_length_field) {
  using ShortEnds = encode::EncodeOptions::ShortEnds;
  if (framing.recfm == framing::Recfm::fixed) options.short_ends = ShortEnds::none;
  if (framing.recfm == framing::Recfm::measured && !has_length_field)
    options.short_ends = ShortEnds::chosen;
  return options;
}

void EncodedLines::clear() {
  framed.clear();
  lines = records = 0;
  rejects.clear();
}

/// Encodes lines of one record type.
class LineEncoder::TypeEncoder {
 public:
  explicit TypeEncoder(const LinePlan& plan) : mapping_(plan.mapping.get()) {
    if (plan.documents != nullptr) {
      documents_ = std::make_unique<DocumentEncoder>(*plan.documents);
    } else {
      records_ = std::make_unique<encode::Encoder>(*plan.records);
    }
  }

  encode::LinesDone encode_lines(std::string_view text, bool is_end, ByteBuffer& out,
                                 std::vector<encode::LineRecord>& records) {
    if (documents_ != nullptr)
      return documents_->encode_lines(text, is_end, kUnframedBytes, out, records);
    return records_->encode_lines(text, is_end, kUnframedBytes, out, records);
  }

  [[nodiscard]] bool encode(std::string_view json, ByteBuffer& out) {
    return documents_ != nullptr ? documents_->encode(json, out) : records_->encode(json, out);
  }

  [[nodiscard]] encode::Refusal refusal() const {
    return documents_ != nullptr ? documents_->refusal() : records_->refusal();
  }

  /// Whether decoding takes the record for one of this type, were there no other.
  [[nodiscard]] Truth matches(ByteView record) const {
    return mapping_ == nullptr ? Truth::yes : mapping_->matches(record, mapping_->place);
  }

  /// Whether its records are not asked for a match, and not made of several.
  [[nodiscard]] bool is_plain() const { return mapping_ == nullptr && documents_ == nullptr; }

  [[nodiscard]] std::string explain_match(ByteView record) const {
    if (matches(record) == Truth::misfit) return mapping_->explain_match(record);
    return "the record is none of " + mapping_->name + ": its match does not hold";
  }

  Result<void> write(ByteView record, framing::FrameWriter& writer, ByteBuffer& framed) const {
    return documents_ != nullptr ? framing::write_document(record, writer, framed)
                                 : writer.write(record, framed);
  }

  [[nodiscard]] bool is_from(const SourceAttributes* source) const {
    return source == nullptr || mapping_->match_source.holds(*source);
  }

  [[nodiscard]] std::string name() const {
    return mapping_ == nullptr ? std::string() : mapping_->name;
  }

  [[nodiscard]] const Mapping* mapping() const { return mapping_; }

 private:
  std::unique_ptr<encode::Encoder> records_;    ///< null: documents
  std::unique_ptr<DocumentEncoder> documents_;  ///< null: records
  const Mapping* mapping_;
};

LineEncoder::LineEncoder(std::span<const LinePlan> plans, const framing::FramingOptions& options,
                         std::unique_ptr<framing::FrameWriter> writer)
    : writer_(std::move(writer)) {
  for (const LinePlan& plan : plans) {
    TypeEncoders& types = plan.place == RecordPlace::header    ? headers_
                          : plan.place == RecordPlace::trailer ? trailing_
                                                               : details_;
    types.push_back(std::make_unique<TypeEncoder>(plan));
  }
  if (!headers_.empty()) headers_left_ = options.header_records;
  if (!trailing_.empty()) trailers_ = options.trailer_records;
}
LineEncoder::~LineEncoder() = default;
LineEncoder::LineEncoder(LineEncoder&&) noexcept = default;

const LineEncoder::TypeEncoders& LineEncoder::types_at(RecordPlace place) const {
  if (place == RecordPlace::header) return headers_;
  return place == RecordPlace::trailer ? trailing_ : details_;
}

LineEncoder::Stretch LineEncoder::next_stretch(std::string_view text, bool is_end) const {
  if (headers_left_ > 0) return {first_line(text, is_end), RecordPlace::header};
  if (trailers_ == 0) return {text, RecordPlace::detail};
  const std::size_t whole = is_end ? text.size() : text.rfind('\n') + 1;
  const std::size_t details = front_of_last(text.substr(0, whole), trailers_);
  if (details > 0) return {text.substr(0, details), RecordPlace::detail};
  return {is_end ? text : std::string_view(), RecordPlace::trailer};
}

std::size_t LineEncoder::encode(std::string_view text, bool is_end, std::size_t messages_max,
                                EncodedLines& done) {
  const std::size_t most = done.framed.size() + kFramedBytes;
  std::size_t consumed = 0;
  while (consumed < text.size() && done.framed.size() < most) {
    const Stretch stretch = next_stretch(text.substr(consumed), is_end);
    if (stretch.text.empty()) break;
    const bool is_rest = stretch.text.size() == text.size() - consumed;
    bytes_.clear();
    records_.clear();
    record_types_.clear();
    const encode::LinesDone run =
        encode_run(stretch.text, is_end || !is_rest, types_at(stretch.place));
    if (stretch.place == RecordPlace::header && (run.is_refused || !records_.empty()))
      --headers_left_;
    frame(done.lines, messages_max, done);
    done.lines += run.lines;
    consumed += run.consumed;
    if (run.is_refused) {
      const bool is_wanted = done.rejects.size() < messages_max;
      reject(done.lines - 1, is_wanted ? refusal().message : "", done);
    } else if (run.lines == 0) {
      break;
    }
  }
  return consumed;
}

encode::LinesDone LineEncoder::encode_run(std::string_view text, bool is_end,
                                          const TypeEncoders& types) {
  encode::LinesDone done;
  if (types.size() == 1) {
    done = types.front()->encode_lines(text, is_end, bytes_, records_);
    run_type_ = refused_by_ = types.front().get();
    return done;
  }
  run_type_ = nullptr;
  return encode::encode_each_line(text, is_end, kUnframedBytes, bytes_, records_,
                                  [&](std::string_view line, ByteBuffer& out) {
                                    const TypeEncoder* type = encode_one(line, nullptr, out, types);
                                    if (type != nullptr) record_types_.push_back(type);
                                    return type != nullptr;
                                  });
}

// Decoding takes a record for the first type that matches, so the line must be of that one.
const LineEncoder::TypeEncoder* LineEncoder::encode_one(std::string_view json,
                                                        const SourceAttributes* source,
                                                        ByteBuffer& out,
                                                        const TypeEncoders& types) {
  std::string reasons;
  const std::size_t start = out.size();
  is_from_elsewhere_ = true;
  for (const auto& type : types) {
    if (!type->is_from(source)) continue;
    is_from_elsewhere_ = false;
    std::string reason;
    if (!type->encode(json, out)) {
      reason = type->refusal().message;
    } else {
      const ByteView record = out.view(start, out.size() - start);
      const auto first = std::ranges::find_if(types, [&](const auto& other) {
        return other->is_from(source) && other->matches(record) != Truth::no;
      });
      if (first != types.end() && first->get() == type.get()) return type.get();
      reason = first == types.end() ? type->explain_match(record)
                                    : "the record would be read as one of " + (*first)->name();
      out.resize(start);
    }
    reasons += (reasons.empty() ? "" : "; ") + type->name() + ": " + reason;
  }
  if (reasons.empty()) reasons = "no match_source holds for its source";
  refused_by_ = nullptr;
  refusal_ = {};
  refusal_.message = "the line is of no record type: " + reasons;
  return nullptr;
}

bool LineEncoder::encode_record(std::string_view json, ByteBuffer& out) {
  const TypeEncoders& types =
      !details_.empty() ? details_ : (!headers_.empty() ? headers_ : trailing_);
  if (types.size() > 1) return encode_one(json, nullptr, out, types) != nullptr;
  return encode_as(*types.front(), json, out);
}

const Mapping* LineEncoder::encode_record(std::string_view json, const SourceAttributes& source,
                                          ByteBuffer& out) {
  if (details_.size() == 1 && details_.front()->is_from(&source)) {
    is_from_elsewhere_ = false;
    return encode_as(*details_.front(), json, out) ? details_.front()->mapping() : nullptr;
  }
  const TypeEncoder* type = encode_one(json, &source, out, details_);
  return type == nullptr ? nullptr : type->mapping();
}

bool LineEncoder::encode_as(TypeEncoder& type, std::string_view json, ByteBuffer& out) {
  const std::size_t start = out.size();
  if (!type.encode(json, out)) {
    refused_by_ = &type;
    return false;
  }
  const ByteView record = out.view(start, out.size() - start);
  if (type.matches(record) == Truth::yes) return true;
  refused_by_ = nullptr;
  refusal_ = {};
  refusal_.message = type.explain_match(record);
  out.resize(start);
  return false;
}

encode::Refusal LineEncoder::refusal() const {
  return refused_by_ != nullptr ? refused_by_->refusal() : refusal_;
}

// Records of one size that no match is asked of need not be looked at one by one.
bool LineEncoder::frame_side_by_side(EncodedLines& done) {
  if (run_type_ == nullptr || !run_type_->is_plain() || records_.empty()) return false;
  const std::size_t size = records_.front().size;
  const bool is_one_size = std::ranges::all_of(
      records_, [size](const encode::LineRecord& record) { return record.size == size; });
  if (!is_one_size || size == 0 || bytes_.size() != records_.size() * size ||
      !writer_->write_side_by_side(bytes_.view(), size, done.framed))
    return false;
  done.records += records_.size();
  return true;
}

void LineEncoder::frame(std::uint64_t first_line, std::size_t messages_max, EncodedLines& done) {
  if (frame_side_by_side(done)) return;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const encode::LineRecord& record = records_[i];
    const TypeEncoder& type = run_type_ != nullptr ? *run_type_ : *record_types_[i];
    const ByteView bytes = bytes_.view(record.offset, record.size);
    const bool is_wanted = done.rejects.size() < messages_max;
    if (type.matches(bytes) != Truth::yes) {
      reject(first_line + record.line, is_wanted ? type.explain_match(bytes) : "", done);
      continue;
    }
    const Result<void> written = type.write(bytes, *writer_, done.framed);
    if (written) {
      ++done.records;
      continue;
    }
    reject(first_line + record.line, is_wanted ? written.error().message : "", done);
  }
}

}  // namespace copybridge::mapping
