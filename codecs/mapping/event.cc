// Types, subjects and keys.
#include "codecs/mapping/event.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "codecs/mapping/keys.h"

namespace copybridge::mapping {
namespace {

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char character) { return character < 0x20 || character == 0x7F; });
}

/// Compiles every `{NAME}` of a text alone, so that a mistake has the column of its name.
class TemplateReader {
 public:
  TemplateReader(const ConfigNode& node, const Context& context, const plan::PlanOptions& options)
      : node_(node), context_(context), options_(options) {}

  /// A text with names in braces.
  std::unique_ptr<const plan::TextTemplate> read_text() {
    return check_names() ? compile(node_.scalar, node_.where) : nullptr;
  }

  /// The name of one item.
  std::unique_ptr<const plan::TextTemplate> read_name() {
    return compile("{" + node_.scalar + "}", context_.source.place(node_, 0));
  }

 private:
  std::unique_ptr<const plan::TextTemplate> compile(const std::string& text, const Where& where) {
    if (context_.layout == nullptr || options_.code_page == nullptr) return nullptr;
    return plan::TextTemplate::compile(text, where, context_.layout, options_,
                                       context_.diagnostics);
  }

  bool check_names() {
    const std::string& text = node_.scalar;
    bool is_right = true;
    for (std::size_t open = text.find('{'); open != std::string::npos;) {
      if (text.compare(open, 2, "{{") == 0) {
        open = text.find('{', open + 2);
        continue;
      }
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos) {
        context_.diagnostics.error(context_.source.place(node_, open), "the brace is not closed",
                                   "write {{ for a brace");
        return false;
      }
      const Where where = context_.source.place(node_, open + 1);
      const std::size_t errors_before = context_.diagnostics.error_count();
      compile(text.substr(open, close + 1 - open), where);
      is_right = is_right && context_.diagnostics.error_count() == errors_before;
      open = text.find('{', close);
    }
    return is_right;
  }

  const ConfigNode& node_;
  const Context& context_;
  const plan::PlanOptions& options_;
};

/// Whether a text can go into the headers of every endpoint.
bool check_text(const Options& options, std::string_view key, const Context& context) {
  if (!has_scalar(options, key)) return false;
  const std::string& text = options.text(key);
  const bool is_empty = text.find_first_not_of(' ') == std::string::npos;
  if (is_empty) context.diagnostics.error(options.where(key), in_quotes(key) + " is empty");
  const bool has_controls = has_control_characters(text);
  if (has_controls) {
    context.diagnostics.error(options.where(key),
                              in_quotes(key) + " holds a line end or another control character");
  }
  return !is_empty && !has_controls;
}

}  // namespace

void read_event(const ConfigNode& event, const Context& context, Mapping& mapping) {
  const Options options = read_options(event, event_keys(), {}, context.diagnostics);
  if (check_text(options, "type", context)) mapping.event_type = options.text("type");
  if (check_text(options, "subject", context)) {
    mapping.subject = TemplateReader(options.node("subject"), context, mapping.options).read_text();
  }
  if (check_text(options, "key", context)) {
    TemplateReader reader(options.node("key"), context, mapping.options);
    // A key without braces is the name of the item that orders the events.
    const bool has_braces = options.text("key").find('{') != std::string::npos;
    mapping.key = has_braces ? reader.read_text() : reader.read_name();
  }
}

}  // namespace copybridge::mapping
