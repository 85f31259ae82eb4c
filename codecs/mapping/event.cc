// Types, subjects and keys.
#include "codecs/mapping/event.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "codecs/mapping/keys.h"

namespace copybridge::mapping {
namespace {

/// CloudEvents 1.0 recommends no longer names.
constexpr std::size_t kAttributeNameMax = 20;

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
bool check_text(std::string_view key, const std::string& text, const Where& where,
                const Context& context) {
  const bool is_empty = text.find_first_not_of(' ') == std::string::npos;
  if (is_empty) context.diagnostics.error(where, in_quotes(key) + " is empty");
  const bool has_controls = has_control_characters(text);
  if (has_controls) {
    context.diagnostics.error(where,
                              in_quotes(key) + " holds a line end or another control character");
  }
  return !is_empty && !has_controls;
}

bool check_text(const Options& options, std::string_view key, const Context& context) {
  return has_scalar(options, key) &&
         check_text(key, options.text(key), options.where(key), context);
}

/// CloudEvents 1.0, "naming conventions" and the attributes that have a meaning of their own.
bool check_attribute_name(const ConfigMember& member, const Context& context) {
  constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::array<std::string_view, 12> kOwn = {
      "id",         "source", "type",         "specversion", "subject",   "time", "datacontenttype",
      "dataschema", "data",   "partitionkey", "traceparent", "tracestate"};
  if (member.key.empty() || member.key.size() > kAttributeNameMax ||
      member.key.find_first_not_of(kCharacters) != std::string::npos) {
    context.diagnostics.error(member.where,
                              "the attribute " + in_quotes(member.key) +
                                  " must have 1 to 20 lower-case letters and digits (CloudEvents)");
    return false;
  }
  if (std::ranges::find(kOwn, member.key) == kOwn.end()) return true;
  context.diagnostics.error(
      member.where, in_quotes(member.key) + " is an attribute that every event has on its own");
  return false;
}

void read_attributes(const ConfigNode& node, const Context& context, Mapping& mapping) {
  for (const ConfigMember& member : node.members) {
    if (!check_attribute_name(member, context)) continue;
    if (member.value.type != ConfigNode::Type::scalar) {
      context.diagnostics.error(member.value.where, in_quotes(member.key) + " must be a text");
      continue;
    }
    if (!check_text(member.key, member.value.scalar, member.value.where, context)) continue;
    mapping.attributes.push_back(
        {member.key, compile_template(member.value, "", "", context, mapping.options)});
  }
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
  if (!options.is_given("attributes")) return;
  const ConfigNode& attributes = options.node("attributes");
  if (attributes.type == ConfigNode::Type::map)
    return read_attributes(attributes, context, mapping);
  context.diagnostics.error(attributes.where, "'attributes' must be a map");
}

}  // namespace copybridge::mapping
