// The facade over mapping, plan and framing.
#include "codecs/library/codec.h"

#include <algorithm>
#include <utility>

#include "codecs/framing/framing.h"
#include "codecs/framing/options.h"
#include "codecs/mapping/load.h"
#include "codecs/mapping/records.h"

namespace copybridge::codec {

namespace {

using condition::Truth;

constexpr const char* kCopybook = "copybook";
constexpr const char* kOptions = "options";

/// The copybook is the text that was given; others, of children, are files.
class GivenFiles final : public mapping::Files {
 public:
  explicit GivenFiles(std::string_view copybook) : copybook_(copybook) {}
  [[nodiscard]] bool is_folder(const std::filesystem::path& path) const override {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
  }
  [[nodiscard]] std::optional<copybook::ParseOutcome> load_copybook(
      const std::filesystem::path& path, const copybook::ParseOptions& options) const override {
    if (path == kCopybook) return copybook::parse(copybook_, kCopybook, options);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return {};
    return copybook::load(path, options);
  }

 private:
  std::string_view copybook_;
};

/// Takes the members with framing's names out of a map.
ConfigNode take_framing(ConfigNode& map) {
  ConfigNode framing;
  framing.type = ConfigNode::Type::map;
  framing.where = map.where;
  const auto rows = framing::framing_options();
  const auto is_framing = [&](const ConfigMember& member) {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.name == member.key; });
  };
  const auto first =
      std::stable_partition(map.members.begin(), map.members.end(),
                            [&](const ConfigMember& member) { return !is_framing(member); });
  std::move(first, map.members.end(), std::back_inserter(framing.members));
  map.members.erase(first, map.members.end());
  return framing;
}

/// What a mapping file must say and a library's user need not.
void add_default(ConfigNode& map, const char* key, ConfigNode value) {
  if (map.find(key) != nullptr) return;
  value.where = map.where;
  map.members.push_back({key, map.where, std::move(value)});
}

ConfigNode scalar(const char* text) {
  ConfigNode node;
  node.type = ConfigNode::Type::scalar;
  node.scalar = text;
  return node;
}

void complete(ConfigNode& map) {
  if (map.type == ConfigNode::Type::null) map.type = ConfigNode::Type::map;
  ConfigNode event;
  event.type = ConfigNode::Type::map;
  event.members.push_back({"type", {}, scalar("record")});
  add_default(map, "name", scalar("record"));
  add_default(map, "copybook", scalar(kCopybook));
  add_default(map, "event", std::move(event));
}

std::string lines_of(const Diagnostics& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Severity::error) lines += to_string(diagnostic) + '\n';
  }
  return lines;
}

enum class Verdict : std::uint8_t { decoded, left_out, rejected };

Verdict decode(const mapping::Mapping& mapping, ByteView record, framing::RecordPlace place,
               TextBuffer& out, std::string& reason) {
  const Truth matches = mapping.matches(record, place);
  if (matches == Truth::no) return Verdict::left_out;
  if (matches == Truth::misfit) {
    reason = mapping.explain_match(record);
    return Verdict::rejected;
  }
  const ByteView subject = mapping.subject_record(record);
  const Truth wanted = mapping.only_if.evaluate(subject);
  if (wanted == Truth::no) return Verdict::left_out;
  if (wanted == Truth::yes && mapping.decode(record, out)) return Verdict::decoded;
  reason =
      wanted == Truth::misfit ? mapping.only_if.explain(subject) : mapping.explain(record).message;
  return Verdict::rejected;
}

}  // namespace

const char* version() noexcept { return COPYBRIDGE_CODEC_VERSION; }

struct Codec::Impl {
  std::shared_ptr<const mapping::Mapping> mapping;
  framing::FramingOptions framing;
};

Codec::Codec(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Codec::~Codec() = default;

std::unique_ptr<const Codec> Codec::compile(std::string_view copybook, std::string_view options,
                                            std::string& mistakes) {
  Diagnostics diagnostics;
  auto impl = std::make_unique<Impl>();
  ConfigNode map = parse_yaml(options, kOptions, diagnostics);
  if (!diagnostics.has_errors()) {
    complete(map);
    const ConfigNode framing = take_framing(map);
    impl->mapping = mapping::load_node(map, options, kOptions, GivenFiles(copybook), diagnostics);
    const Options given = read_options(framing, framing::framing_options(), {}, diagnostics);
    if (impl->mapping != nullptr && !diagnostics.has_errors()) {
      const bool is_ascii = impl->mapping->options.code_page->byte_of('\n') == '\n';
      impl->framing = framing::read_framing(
          given, is_ascii ? framing::LineEnds::ascii : framing::LineEnds::ebcdic, diagnostics);
      mapping::describe_records({&impl->mapping, 1}, given, impl->framing, diagnostics);
    }
  }
  if (!diagnostics.has_errors()) {
    const auto framer = framing::make_framer(impl->framing);
    if (!framer) diagnostics.error({kOptions, 0, 0}, framer.error().message);
  }
  mistakes = lines_of(diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  return std::unique_ptr<const Codec>(new Codec(std::move(impl)));
}

bool Codec::decode_record(const std::uint8_t* record, std::size_t size, std::string& json,
                          std::string& reason) const {
  // Kernels read beyond a record's end.
  ByteBuffer bytes;
  bytes.append({record, size});
  TextBuffer text;
  const mapping::Mapping& mapping = *impl_->mapping;
  if (codec::decode(mapping, bytes.view(), mapping.place, text, reason) == Verdict::decoded) {
    json.append(text.view());
    return true;
  }
  if (reason.empty()) reason = "match or only_if does not hold for the record";
  return false;
}

struct Decoder::Impl {
  const Codec::Impl& codec;
  std::unique_ptr<framing::Framer> framer;
  ByteBuffer bytes;      ///< the piece, with readable bytes behind it
  ByteBuffer assembled;  ///< records that framing has put together
  TextBuffer text;
  std::vector<framing::RecordSpan> spans;
  std::uint64_t records = 0;
  std::string framing_error;
};

Decoder::Decoder(const Codec& codec)
    : impl_(new Impl{*codec.impl_,
                     std::move(*framing::make_framer(codec.impl_->framing)),
                     {},
                     {},
                     {},
                     {},
                     0,
                     {}}) {}
Decoder::~Decoder() = default;

Batch Decoder::decode(const std::uint8_t* bytes, std::size_t size, bool is_end) {
  constexpr std::size_t kRecordsMax = 1U << 16;
  Impl& own = *impl_;
  Batch batch;
  batch.framing_error = own.framing_error;
  own.text.clear();
  own.bytes.clear();
  own.bytes.append({bytes, size});
  while (own.framing_error.empty()) {
    own.spans.clear();
    const ByteView piece = own.bytes.view(batch.consumed, size - batch.consumed);
    const std::uint64_t before = own.framer->state().position;
    const auto framed = own.framer->next(piece, is_end, kRecordsMax, own.spans);
    const bool is_assembled = own.framer->take_assembled(own.assembled);
    const ByteView from = is_assembled ? own.assembled.view() : piece;
    for (const framing::RecordSpan& span : own.spans) {
      std::string reason;
      const Verdict verdict = codec::decode(
          *own.codec.mapping, from.subspan(span.offset, span.size), span.place, own.text, reason);
      ++own.records;
      if (verdict == Verdict::decoded) own.text.append('\n');
      if (verdict == Verdict::rejected) batch.errors.push_back({own.records, std::move(reason)});
    }
    batch.records += own.spans.size();
    batch.consumed += static_cast<std::size_t>(own.framer->state().position - before);
    if (!framed) batch.framing_error = own.framing_error = framed.error().message;
    if (own.spans.empty() && own.framer->state().position == before) break;
  }
  batch.json_lines = own.text.view();
  return batch;
}

}  // namespace copybridge::codec
