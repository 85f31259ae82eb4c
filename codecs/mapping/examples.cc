// Examples: records with the events they must become.
#include "codecs/mapping/examples.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "codecs/framing/group_framer.h"
#include "codecs/mapping/json_text.h"
#include "codecs/mapping/keys.h"

namespace copybridge::mapping {
namespace {

using condition::Truth;

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kBlanks = " \t\r\n";

bool is_hex_digit(char character) {
  return std::string_view("0123456789abcdefABCDEF").find(character) != std::string_view::npos;
}

/// Reads one entry of `examples:`.
class ExampleReader {
 public:
  ExampleReader(const Options& options, const std::shared_ptr<const charset::CodePage>& code_page,
                bool is_by_message, bool has_children, const Context& context)
      : options_(options),
        code_page_(code_page),
        is_by_message_(is_by_message),
        has_children_(has_children),
        context_(context) {}

  void read(Example& example) {
    example.source = texts_of("source");
    read_record(example);
    read_event(example);
    example.has_key = options_.is_given("key");
    example.key = options_.text("key");
    example.has_subject = options_.is_given("subject");
    example.subject = options_.text("subject");
    example.attributes = texts_of("attributes");
    refuse_beside_filtered(example);
  }

 private:
  /// The members of a map of texts.
  Pairs texts_of(std::string_view key) {
    Pairs pairs;
    if (!options_.is_given(key)) return pairs;
    const ConfigNode& node = options_.node(key);
    if (node.type != ConfigNode::Type::map) error(node.where, in_quotes(key) + " must be a map");
    for (const ConfigMember& member : node.members) {
      if (member.value.type == ConfigNode::Type::scalar) {
        pairs.emplace_back(member.key, member.value.scalar);
      } else {
        error(member.value.where, in_quotes(member.key) + " must be a text");
      }
    }
    return pairs;
  }

  void error(const Where& where, std::string message, std::string hint = {}) {
    context_.diagnostics.error(where, std::move(message), std::move(hint));
  }

  void read_record(Example& example) {
    const bool has_text = options_.is_given("record_text");
    if (options_.is_given("record_hex") == has_text) {
      const Where where = has_text ? options_.where("record_text") : example.where;
      return error(where, "an example has either 'record_hex' or 'record_text'");
    }
    const ConfigNode& node = options_.node(has_text ? "record_text" : "record_hex");
    if (node.type == ConfigNode::Type::list && !has_children_)
      return error(node.where, "a list of records needs 'children'");
    const std::vector<ConfigNode> one = {node};
    for (const ConfigNode& record : node.type == ConfigNode::Type::list ? node.items : one) {
      ByteBuffer bytes;
      if (record.type != ConfigNode::Type::scalar) return;
      has_text ? read_text(record, example, bytes) : read_hex(record, bytes);
      has_children_ ? framing::append_part(bytes.view(), example.record)
                    : example.record.append(bytes.view());
    }
  }

  void read_hex(const ConfigNode& node, ByteBuffer& record) {
    std::string digits;
    for (std::size_t offset = 0; offset < node.scalar.size(); ++offset) {
      const char character = node.scalar[offset];
      if (kBlanks.find(character) != std::string_view::npos) continue;
      if (!is_hex_digit(character)) {
        return error(context_.source.place(node, offset),
                     "'record_hex' has a character that is no hexadecimal digit");
      }
      digits += character;
    }
    if (digits.empty()) return error(node.where, "'record_hex' is empty");
    if (!from_hex(digits, record)) {
      error(node.where,
            "'record_hex' has an odd number of digits, " + std::to_string(digits.size()));
    }
  }

  /// Of a message that says its code page in that one.
  void read_text(const ConfigNode& node, const Example& example, ByteBuffer& record) {
    if (code_page_ == nullptr) return;
    const std::string_view ccsid = SourceAttributes(example.source).find("mq-ccsid");
    auto page = is_by_message_ && !ccsid.empty() ? charset::CodePage::load(ccsid, context_.pages)
                                                 : code_page_;
    if (!page) return error(node.where, "'record_text': " + page.error().message);
    const auto bytes = (*page)->from_utf8(node.scalar);
    if (!bytes) return error(node.where, "'record_text': " + bytes.error().message);
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes->data());
    record.append({data, bytes->size()});
  }

  void read_event(Example& example) {
    const ConfigNode& node = options_.node("event");
    if (!options_.is_given("event")) return;
    example.is_filtered = node.type == ConfigNode::Type::scalar && node.scalar == "filtered";
    if (example.is_filtered) return;
    if (node.type != ConfigNode::Type::map) {
      return error(node.where, "'event' of an example must be a map or the word filtered");
    }
    example.body = to_json(node);
  }

  void refuse_beside_filtered(const Example& example) {
    if (!example.is_filtered) return;
    for (const std::string_view key : {"key", "subject", "attributes"}) {
      if (!options_.is_given(key)) continue;
      error(options_.where(key), "a filtered record has no " + std::string(key));
    }
  }

  const Options& options_;
  const std::shared_ptr<const charset::CodePage>& code_page_;
  bool is_by_message_;
  bool has_children_;
  const Context& context_;
};

/// One run: collects the lines that say what differs.
class ExampleRun {
 public:
  ExampleRun(const Mapping& mapping, const Example& example)
      : mapping_(mapping),
        example_(example),
        record_(example.record.view()),
        source_(example.source) {}

  std::vector<std::string> run() {
    if (!check_match() || !check_filter()) return std::move(lines_);
    check_body();
    check_text("key", example_.has_key, example_.key, mapping_.key.get());
    check_text("subject", example_.has_subject, example_.subject, mapping_.subject.get());
    check_attributes();
    return std::move(lines_);
  }

 private:
  void say_expected(const std::string& line) { lines_.push_back("expected  " + line); }
  void say_actual(const std::string& line) { lines_.push_back("actual    " + line); }

  bool check_match() {
    const Truth truth = mapping_.matches(record_, mapping_.place, source_);
    if (truth == Truth::yes) return true;
    const bool is_from = mapping_.match_source.holds(source_);
    say_expected(is_from ? "a record that 'match' holds for"
                         : "a record whose source 'match_source' holds for");
    say_actual(truth == Truth::no ? "it does not hold" : mapping_.explain_match(record_));
    return false;
  }

  /// Whether the record goes on to be published, as it should.
  bool check_filter() {
    const Truth truth = mapping_.only_if.evaluate(mapping_.subject_record(record_));
    const bool is_published = truth == Truth::yes;
    if (truth != Truth::misfit && is_published != example_.is_filtered) return is_published;
    say_expected(example_.is_filtered ? "a record that 'only_if' filters"
                                      : "a record that 'only_if' holds for");
    say_actual(truth == Truth::misfit ? mapping_.only_if.explain(mapping_.subject_record(record_))
               : is_published         ? "it is published"
                                      : "it is filtered");
    return false;
  }

  void check_body() {
    TextBuffer body;
    if (!mapping_.decode(record_, body)) {
      say_expected("a record that fits the copybook");
      say_actual(mapping_.explain(record_).message);
      return;
    }
    if (body.view() == example_.body) return;
    const auto lines = difference(flat_values(example_.body), flat_values(body.view()));
    for (const DifferentLine& line : lines) {
      line.is_expected ? say_expected(line.text) : say_actual(line.text);
    }
  }

  void check_text(const std::string& what, bool has_expected, const std::string& expected,
                  const plan::TextTemplate* text_template) {
    if (!has_expected) return;
    TextBuffer text;
    const bool is_rendered = text_template != nullptr &&
                             text_template->render(mapping_.subject_record(record_), source_, text);
    if (is_rendered && text.view() == expected) return;
    say_expected(what + " " + expected);
    if (text_template == nullptr) {
      say_actual("the mapping names no " + what);
    } else {
      say_actual(is_rendered ? what + " " + std::string(text.view())
                             : "a field of the " + what + " is bad data");
    }
  }

  void check_attributes() {
    for (const auto& [name, expected] : example_.attributes) {
      const auto found = std::ranges::find(mapping_.attributes, name, &EventAttribute::name);
      const bool is_there = found != mapping_.attributes.end();
      check_text("attribute " + name, true, expected, is_there ? found->value.get() : nullptr);
    }
  }

  const Mapping& mapping_;
  const Example& example_;
  ByteView record_;
  SourceAttributes source_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<Example> read_examples(const ConfigNode& examples,
                                   const std::shared_ptr<const charset::CodePage>& code_page,
                                   bool is_by_message, bool has_children, const Context& context) {
  std::vector<Example> read;
  for (const ConfigNode& node : examples.items) {
    const std::size_t errors_before = context.diagnostics.error_count();
    const Options options = read_options(node, example_keys(), {}, context.diagnostics);
    Example example;
    example.where = node.where;
    if (node.type == ConfigNode::Type::map) {
      ExampleReader(options, code_page, is_by_message, has_children, context).read(example);
    }
    if (context.diagnostics.error_count() == errors_before) read.push_back(std::move(example));
  }
  return read;
}

std::vector<std::string> run_example(const Mapping& mapping, const Example& example) {
  if (mapping.readings == nullptr || !mapping.readings->is_by_message())
    return ExampleRun(mapping, example).run();
  const auto reading = mapping.readings->of(SourceAttributes(example.source));
  if (!reading) {
    return {"expected  a message whose code page is known", "actual    " + reading.error().message};
  }
  return ExampleRun(**reading, example).run();
}

}  // namespace copybridge::mapping
