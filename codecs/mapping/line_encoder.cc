// A piece's lines in runs that end at lines that are refused.
#include "codecs/mapping/line_encoder.h"

#include <utility>

namespace copybridge::mapping {

namespace {

/// Records stay in a core's own cache until they are framed.
constexpr std::size_t kUnframedBytes = std::size_t{256} << 10U;
/// A few characters may become a long record: what is written at a time is bounded, too.
constexpr std::size_t kFramedBytes = std::size_t{4} << 20U;

void reject(std::uint64_t line, std::string message, EncodedLines& done) {
  done.rejects.push_back({line, std::move(message)});
}

}  // namespace

LinePlan LinePlan::compile(const Mapping& mapping, const encode::EncodeOptions& options,
                           Diagnostics& diagnostics) {
  LinePlan plan;
  if (mapping.hierarchy != nullptr) {
    plan.documents = DocumentPlan::compile(mapping.hierarchy, options, diagnostics);
  } else {
    plan.records =
        encode::EncodePlan::compile(layout_with_values(mapping.layout, mapping.match),
                                    mapping.options, mapping.alternatives, options, diagnostics);
  }
  return plan;
}

void EncodedLines::clear() {
  framed.clear();
  lines = records = 0;
  rejects.clear();
}

LineEncoder::LineEncoder(const LinePlan& plan, std::unique_ptr<framing::FrameWriter> writer)
    : writer_(std::move(writer)) {
  if (plan.documents != nullptr) {
    documents_ = std::make_unique<DocumentEncoder>(*plan.documents);
  } else {
    encoder_ = std::make_unique<encode::Encoder>(*plan.records);
  }
}

std::size_t LineEncoder::encode(std::string_view text, bool is_end, std::size_t messages_max,
                                EncodedLines& done) {
  const std::size_t most = done.framed.size() + kFramedBytes;
  std::size_t consumed = 0;
  while (consumed < text.size() && done.framed.size() < most) {
    bytes_.clear();
    records_.clear();
    const encode::LinesDone run = encode_run(text.substr(consumed), is_end);
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

encode::LinesDone LineEncoder::encode_run(std::string_view text, bool is_end) {
  if (documents_ != nullptr)
    return documents_->encode_lines(text, is_end, kUnframedBytes, bytes_, records_);
  return encoder_->encode_lines(text, is_end, kUnframedBytes, bytes_, records_);
}

bool LineEncoder::encode_record(std::string_view json, ByteBuffer& out) {
  return documents_ != nullptr ? documents_->encode(json, out) : encoder_->encode(json, out);
}

encode::Refusal LineEncoder::refusal() const {
  return documents_ != nullptr ? documents_->refusal() : encoder_->refusal();
}

void LineEncoder::frame(std::uint64_t first_line, std::size_t messages_max, EncodedLines& done) {
  for (const encode::LineRecord& record : records_) {
    const ByteView bytes = bytes_.view(record.offset, record.size);
    const Result<void> written = documents_ != nullptr
                                     ? framing::write_document(bytes, *writer_, done.framed)
                                     : writer_->write(bytes, done.framed);
    if (written) {
      ++done.records;
      continue;
    }
    const bool is_wanted = done.rejects.size() < messages_max;
    reject(first_line + record.line, is_wanted ? written.error().message : "", done);
  }
}

}  // namespace copybridge::mapping
