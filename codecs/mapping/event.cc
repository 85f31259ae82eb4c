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

/// Compiles a template; `prefix` and `suffix` go around the scalar's text.
std::unique_ptr<const plan::TextTemplate> compile_template(const ConfigNode& node,
                                                           std::string_view prefix,
                                                           std::string_view suffix,
                                                           const Context& context,
                                                           const plan::PlanOptions& options) {
  if (context.layout == nullptr || options.code_page == nullptr) return nullptr;
  const std::string text = std::string(prefix) + node.scalar + std::string(suffix);
  Diagnostics found;
  auto compiled =
      plan::TextTemplate::compile(text, parsed_text_start(node), context.layout, options, found);
  report_findings_in(node, found, prefix.size(), context);
  return compiled;
}

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
    mapping.subject = compile_template(options.node("subject"), "", "", context, mapping.options);
  }
  if (check_text(options, "key", context)) {
    // A key without braces is the name of the item that orders the events.
    const bool is_name = options.text("key").find('{') == std::string::npos;
    mapping.key = compile_template(options.node("key"), is_name ? "{" : "", is_name ? "}" : "",
                                   context, mapping.options);
  }
}

}  // namespace copybridge::mapping
