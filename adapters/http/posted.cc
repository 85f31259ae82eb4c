// Forms of bodies by their content type (CloudEvents HTTP binding 1.0.2, 3).
#include "adapters/http/posted.h"

#include <algorithm>
#include <limits>

#include "bridge/core/digest.h"
#include "bridge/core/hash.h"
#include "bridge/core/letters.h"
#include "bridge/core/percent.h"
#include "bridge/core/source_attributes.h"
#include "codecs/json/parts.h"

namespace copybridge::adapters::http {
namespace {

using Records = tl::expected<std::vector<PostedRecord>, Answer>;

constexpr std::size_t kIdCharsMax = 128;
constexpr std::size_t kScopeDigits = 16;

tl::unexpected<Answer> refused(unsigned status, std::string_view reason) {
  return tl::make_unexpected(refusal(status, reason));
}

/// The media type without its parameters.
std::string media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return in_small_letters(std::string(content_type));
}

bool is_json_type(std::string_view type) {
  return type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

bool is_lines_type(std::string_view type) {
  return type == "application/x-ndjson" || type == "application/jsonl" ||
         type == "application/json-lines" || type == "application/x-jsonlines";
}

/// As part of a record's id: what is long or has other characters than ids like is hashed.
std::string id_part(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:~";
  const bool is_plain =
      text.size() <= kIdCharsMax && text.find_first_not_of(kPlain) == std::string_view::npos;
  return is_plain ? std::string(text) : hash_of(text);
}

/// Names of one sender are not those of another.
std::string scoped(std::string_view kind, const std::string& scope, std::string_view name) {
  return std::string(kind) + "/" + hash_of(scope).substr(0, kScopeDigits) + "/" + id_part(name);
}

std::string_view find(const Attributes& attributes, std::string_view name) {
  return SourceAttributes(attributes).find(name);
}

/// The id of a CloudEvent: `source` and `id` together tell it from all others.
std::string event_id(const Attributes& attributes, const Request& request) {
  const std::string_view id = find(attributes, "ce-id");
  if (id.empty()) return {};
  return scoped("ce", request.client + '\n' + std::string(find(attributes, "ce-source")), id);
}

Records of_texts(std::vector<std::string> texts) {
  std::vector<PostedRecord> records;
  records.reserve(texts.size());
  for (std::string& text : texts) records.push_back({std::move(text), {}, {}});
  return records;
}

tl::expected<PostedRecord, Answer> structured(const std::string& text, const Request& request) {
  const Result<json::Members> members = json::members_of(text);
  if (!members || !members->contains("specversion"))
    return refused(400, "the body is not a CloudEvent in JSON");
  PostedRecord record;
  for (const auto& [name, value] : *members) {
    if (name == "data") {
      record.bytes = value;
    } else if (name == "data_base64") {
      Result<std::string> bytes = from_base64(json::text_of(value));
      if (!bytes) return refused(400, "data_base64 is not Base64");
      record.bytes = std::move(*bytes);
    } else {
      record.attributes.emplace_back("ce-" + name, json::text_of(value));
    }
  }
  record.id = event_id(record.attributes, request);
  return record;
}

Records structured_all(const std::vector<std::string>& texts, const Request& request) {
  std::vector<PostedRecord> records;
  for (const std::string& text : texts) {
    auto record = structured(text, request);
    if (!record) return tl::make_unexpected(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

void add_binary_attributes(const Request& request, std::vector<PostedRecord>& records) {
  Attributes attributes;
  for (const auto& [name, value] : request.headers)
    if (name.starts_with("ce-")) attributes.emplace_back(name, percent_decode(value));
  const std::string id = event_id(attributes, request);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].attributes = attributes;
    if (id.empty()) continue;
    // An event of several records: a body of bytes that is framed.
    records[i].id = records.size() == 1 ? id : id + "/" + std::to_string(i + 1);
  }
}

}  // namespace

Records BodyReader::read_bytes(std::string_view body) {
  if (framer_ == nullptr) return of_texts({std::string(body)});
  framer_->restore({});
  ByteBuffer bytes;
  bytes.append({reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
  std::vector<framing::RecordSpan> spans;
  const Result<framing::Framed> framed =
      framer_->next(bytes.view(), true, std::numeric_limits<std::size_t>::max(), spans);
  if (!framed) return refused(400, framed.error().message);
  if (framed->consumed != body.size()) return refused(400, "bytes are left behind the last record");
  static_cast<void>(framer_->take_assembled(bytes));
  std::vector<std::string> records;
  for (const framing::RecordSpan& span : spans) {
    const ByteView record = bytes.view(span.offset, span.size);
    records.emplace_back(record.begin(), record.end());
  }
  return of_texts(std::move(records));
}

Records BodyReader::read_records(const Request& request, std::string_view type) {
  if (type == "application/octet-stream") return read_bytes(request.body);
  if (type == "application/cloudevents+json") return structured_all({request.body}, request);
  if (is_lines_type(type)) {
    std::vector<std::string> lines = json::lines_of(request.body);
    if (!std::ranges::all_of(lines, json::is_json)) return refused(400, "a line is not JSON");
    return of_texts(std::move(lines));
  }
  if (!is_json_type(type)) {
    return refused(415,
                   "the content type is none of application/json, application/x-ndjson, "
                   "application/cloudevents+json, application/cloudevents-batch+json, "
                   "application/octet-stream");
  }
  Result<std::vector<std::string>> elements = json::elements_of(request.body);
  if (!elements) return refused(400, "the body is not JSON");
  if (type == "application/cloudevents-batch+json") return structured_all(*elements, request);
  return of_texts(std::move(*elements));
}

Attributes BodyReader::common_attributes(const Request& request) const {
  Attributes attributes = {{"http-path", request.path}};
  if (!request.client.empty()) attributes.emplace_back("http-client", request.client);
  const auto add = [&](const std::string& name) {
    const std::string_view value = request.header(name);
    if (!value.empty()) attributes.emplace_back("http-" + name, value);
  };
  for (const std::string& name : header_names_) add(name);
  for (const std::string& name : {std::string("traceparent"), std::string("tracestate")}) {
    if (std::ranges::find(header_names_, name) == header_names_.end()) add(name);
  }
  return attributes;
}

tl::expected<Posted, Answer> BodyReader::read(const Request& request) {
  const std::string type = media_type(request.header("content-type"));
  Records records = read_records(request, type);
  if (!records) return tl::make_unexpected(records.error());
  if (records->empty()) return refused(400, "the body holds no record");
  if (!request.header("ce-specversion").empty()) add_binary_attributes(request, *records);
  Posted posted{.records = std::move(*records), .key = {}};
  const std::string_view key = request.header("idempotency-key");
  if (!key.empty()) posted.key = scoped("key", request.client + '\n' + request.path, key);
  const Attributes common = common_attributes(request);
  for (std::size_t i = 0; i < posted.records.size(); ++i) {
    PostedRecord& record = posted.records[i];
    if (!key.empty() && record.id.empty()) record.id = posted.key + "/" + std::to_string(i + 1);
    record.attributes.insert(record.attributes.end(), common.begin(), common.end());
  }
  if (key.empty() && posted.records.size() == 1) posted.key = posted.records.front().id;
  return posted;
}

}  // namespace copybridge::adapters::http
