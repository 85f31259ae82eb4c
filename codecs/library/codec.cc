// The facade over mapping, plans and framing.
#include "codecs/library/codec.h"

#include <algorithm>
#include <utility>

#include "codecs/framing/framing.h"
#include "codecs/framing/options.h"
#include "codecs/framing/writer.h"
#include "codecs/mapping/line_encoder.h"
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

/// Takes the members with the names of a table out of a map.
ConfigNode take_out(ConfigNode& map, std::span<const OptionSpec> rows) {
  ConfigNode taken;
  taken.type = ConfigNode::Type::map;
  taken.where = map.where;
  const auto is_one = [&](const ConfigMember& member) {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.name == member.key; });
  };
  const auto first =
      std::stable_partition(map.members.begin(), map.members.end(),
                            [&](const ConfigMember& member) { return !is_one(member); });
  std::move(first, map.members.end(), std::back_inserter(taken.members));
  map.members.erase(first, map.members.end());
  return taken;
}

constexpr OptionSpec kEncodeOptions[] = {
    {.name = "missing",
     .type = OptionType::choice,
     .default_value = "reject",
     .help = "Members that are not there: refused, or the item's VALUE, else zero or spaces.",
     .choices = "reject|default"},
    {.name = "unknown",
     .type = OptionType::choice,
     .default_value = "reject",
     .help = "Members that the copybook does not have.",
     .choices = "reject|ignore"},
    {.name = "rounding",
     .type = OptionType::choice,
     .default_value = "reject",
     .help = "Numbers with more decimals than the picture.",
     .choices = "reject|truncate|nearest"},
    {.name = "trunc",
     .type = OptionType::choice,
     .default_value = "bin",
     .help = "Largest values of BINARY and COMP: what their bytes hold, or their picture.",
     .choices = "bin|std"},
};

encode::EncodeOptions read_encode_options(const ConfigNode& map, Diagnostics& diagnostics) {
  const Options given = read_options(map, kEncodeOptions, {}, diagnostics);
  encode::EncodeOptions options;
  if (given.text("missing") == "default") options.missing = encode::Missing::initial;
  if (given.text("unknown") == "ignore") options.unknown = encode::Unknown::ignore;
  if (given.text("rounding") == "truncate") options.rounding = encode::Rounding::truncate;
  if (given.text("rounding") == "nearest") options.rounding = encode::Rounding::nearest;
  options.truncates_binary = given.text("trunc") == "std";
  return options;
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
  encode::EncodeOptions encoding;
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
    const ConfigNode framing = take_out(map, framing::framing_options());
    impl->encoding = read_encode_options(take_out(map, kEncodeOptions), diagnostics);
    impl->mapping = mapping::load_node(map, options, kOptions, GivenFiles(copybook), diagnostics);
    mapping::refuse_by_message(impl->mapping.get(), diagnostics);
    const Options given = read_options(framing, framing::framing_options(), {}, diagnostics);
    if (impl->mapping != nullptr && !diagnostics.has_errors()) {
      const bool is_ascii = impl->mapping->options.code_page->byte_of('\n') == '\n';
      impl->framing = framing::read_framing(
          given, is_ascii ? framing::LineEnds::ascii : framing::LineEnds::ebcdic, diagnostics);
      mapping::describe_records({&impl->mapping, 1}, given, impl->framing, diagnostics);
      // Records of their own, which nothing frames, may be of any size.
      if (given.is_given("recfm") || given.is_given("length_field"))
        impl->encoding =
            mapping::framed_options(impl->encoding, impl->framing, given.is_given("length_field"));
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

struct Encoder::Impl {
  mapping::LinePlan plan;
  std::unique_ptr<mapping::LineEncoder> lines;
  std::string text;  ///< the piece, with readable bytes behind it
  mapping::EncodedLines done;
  ByteBuffer record;
  std::uint64_t line = 0;  ///< lines before the piece
  bool is_finished = false;

  /// The text with readable bytes behind it.
  std::string_view padded(std::string_view json) {
    text.assign(json);
    text.append(kReadableTail, ' ');
    return std::string_view(text).substr(0, json.size());
  }

  void finish() {
    is_finished = true;
    if (const auto finished = lines->finish(done.framed); !finished)
      done.rejects.push_back({done.lines, finished.error().message});
  }
};

Encoder::Encoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Encoder::~Encoder() = default;

std::unique_ptr<Encoder> Encoder::create(const Codec& codec, std::string& mistakes) {
  Diagnostics diagnostics;
  auto impl = std::make_unique<Impl>();
  impl->plan = mapping::LinePlan::compile(codec.impl_->mapping, codec.impl_->encoding, diagnostics);
  auto writer = framing::make_writer(codec.impl_->framing);
  if (!writer) diagnostics.error({kOptions, 0, 0}, writer.error().message);
  mistakes = lines_of(diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  impl->lines = std::make_unique<mapping::LineEncoder>(std::span(&impl->plan, 1),
                                                       codec.impl_->framing, std::move(*writer));
  return std::unique_ptr<Encoder>(new Encoder(std::move(impl)));
}

bool Encoder::encode_record(std::string_view json, std::vector<std::uint8_t>& record,
                            std::string& reason) {
  Impl& own = *impl_;
  own.record.clear();
  if (!own.lines->encode_record(own.padded(json), own.record)) {
    reason = own.lines->refusal().message;
    return false;
  }
  record.insert(record.end(), own.record.data(), own.record.data() + own.record.size());
  return true;
}

EncodedBatch Encoder::encode(std::string_view json_lines, bool is_end) {
  Impl& own = *impl_;
  own.done.clear();
  EncodedBatch batch;
  const std::string_view text = own.padded(json_lines);
  while (batch.consumed < text.size() && !own.is_finished) {
    const std::size_t consumed =
        own.lines->encode(text.substr(batch.consumed), is_end, SIZE_MAX, own.done);
    if (consumed == 0) break;
    batch.consumed += consumed;
  }
  if (is_end && !own.is_finished) own.finish();
  if (batch.consumed < text.size() && own.is_finished)
    own.done.rejects.push_back({own.done.lines, "the stream has ended before this line"});
  for (mapping::RejectedLine& rejected : own.done.rejects)
    batch.errors.push_back({own.line + rejected.line + 1, std::move(rejected.message)});
  own.line += own.done.lines;
  batch.records = own.done.records;
  batch.bytes = own.done.framed.data();
  batch.size = own.done.framed.size();
  return batch;
}

}  // namespace copybridge::codec
