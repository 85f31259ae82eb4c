// Reading of maps by option tables, and secrets.
#include "bridge/core/options.h"

#include <cassert>
#include <charconv>
#include <cstdlib>

namespace copybridge {
namespace {

std::vector<std::string_view> split_choices(std::string_view choices) {
  std::vector<std::string_view> words;
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    words.push_back(choices.substr(0, bar));
    choices = bar == std::string_view::npos ? std::string_view{} : choices.substr(bar + 1);
  }
  return words;
}

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

bool is_one_of(std::string_view word, const std::vector<std::string_view>& words) {
  for (const std::string_view candidate : words) {
    if (candidate == word) return true;
  }
  return false;
}

void check_integer(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  std::int64_t value = 0;
  if (!parse_integer(node.scalar, value)) {
    diagnostics.error(node.where, in_quotes(spec.name) + " is not a whole number: " + node.scalar);
  } else if (value < spec.min || value > spec.max) {
    std::string range = "at least " + std::to_string(spec.min);
    if (spec.max != std::numeric_limits<std::int64_t>::max()) {
      range += " and at most " + std::to_string(spec.max);
    }
    diagnostics.error(node.where, in_quotes(spec.name) + " must be " + range);
  }
}

void check_choice(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  const auto words = split_choices(spec.choices);
  if (is_one_of(node.scalar, words)) return;
  const std::string near = nearest(node.scalar, words);
  diagnostics.error(node.where,
                    in_quotes(spec.name) + " must be one of " + std::string(spec.choices) +
                        ", not " + in_quotes(node.scalar),
                    near.empty() ? "" : "did you mean " + in_quotes(near) + "?");
}

void check_scalar(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  bool value = false;
  switch (spec.type) {
    case OptionType::integer:
      return check_integer(spec, node, diagnostics);
    case OptionType::boolean:
      if (!parse_boolean(node.scalar, value)) {
        diagnostics.error(node.where, in_quotes(spec.name) + " must be yes or no");
      }
      return;
    case OptionType::choice:
      return check_choice(spec, node, diagnostics);
    case OptionType::secret:
      if (!Secret::is_reference(node.scalar)) {
        diagnostics.error(node.where, in_quotes(spec.name) + " holds a secret in plain text",
                          "write ${env:NAME} or ${file:PATH}");
      }
      return;
    case OptionType::text:
      if (spec.required && node.scalar.empty()) {
        diagnostics.error(node.where, in_quotes(spec.name) + " must not be empty");
      }
      return;
    case OptionType::text_list:
    case OptionType::text_map:
    case OptionType::node:
      return;
  }
}

void check_list(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  for (const ConfigNode& item : node.items) {
    if (item.type == ConfigNode::Type::scalar) continue;
    diagnostics.error(item.where, in_quotes(spec.name) + " is a list of single values, not of " +
                                      std::string(name_of(item.type)));
  }
}

void check_map(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  for (const ConfigMember& member : node.members) {
    if (member.value.type == ConfigNode::Type::scalar) continue;
    diagnostics.error(member.value.where, in_quotes(spec.name) + " is a map of single values");
  }
}

void check_value(const OptionSpec& spec, const ConfigNode& node, Diagnostics& diagnostics) {
  using Type = ConfigNode::Type;
  const bool list_fits = spec.type == OptionType::text_list;
  const bool map_fits = spec.type == OptionType::text_map;
  if (spec.type == OptionType::node) return;
  if (node.type == Type::list && list_fits) return check_list(spec, node, diagnostics);
  if (node.type == Type::map && map_fits) return check_map(spec, node, diagnostics);
  // `null` written out may be one of the words of a choice.
  const bool is_null_word = node.type == Type::null && spec.type == OptionType::choice;
  if ((node.type == Type::scalar && !map_fits) || (is_null_word && !node.scalar.empty())) {
    return check_scalar(spec, node, diagnostics);
  }
  const std::string wanted = map_fits ? "a map" : list_fits ? "a list" : "a single value";
  diagnostics.error(node.where, in_quotes(spec.name) + " must be " + wanted + ", not " +
                                    std::string(name_of(node.type)));
}

ConfigNode default_node(const OptionSpec& spec, const Where& where) {
  ConfigNode node;
  node.where = where;
  const bool is_scalar = spec.type != OptionType::node && spec.type != OptionType::text_map;
  if (is_scalar && !(spec.type == OptionType::text_list && spec.default_value.empty())) {
    node.type = ConfigNode::Type::scalar;
    node.scalar = spec.default_value;
  }
  return node;
}

void report_unknown(const ConfigMember& member, std::span<const OptionSpec> table,
                    std::span<const std::string_view> also_known, Diagnostics& diagnostics) {
  std::vector<std::string_view> known(also_known.begin(), also_known.end());
  for (const OptionSpec& spec : table) known.push_back(spec.name);
  if (is_one_of(member.key, known)) return;
  const std::string near = nearest(member.key, known);
  diagnostics.error(member.where, "unknown key " + in_quotes(member.key),
                    near.empty() ? "" : "did you mean " + in_quotes(near) + "?");
}

}  // namespace

bool parse_boolean(std::string_view text, bool& value) {
  value = text == "yes" || text == "true" || text == "on";
  return value || text == "no" || text == "false" || text == "off";
}

bool parse_integer(std::string_view text, std::int64_t& value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool Secret::is_reference(std::string_view text) {
  constexpr std::string_view kVariable = "${env:";
  constexpr std::string_view kFile = "${file:";
  const std::size_t start = text.starts_with(kVariable) ? kVariable.size()
                            : text.starts_with(kFile)   ? kFile.size()
                                                        : text.size();
  return text.size() > start + 1 && text.ends_with("}");
}

Result<std::string> Secret::resolve() const {
  if (!is_reference(reference_)) return reference_;
  const std::size_t colon = reference_.find(':');
  const std::string name = reference_.substr(colon + 1, reference_.size() - colon - 2);
  if (reference_.starts_with("${env:")) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr)
      return fail(ErrorKind::config, "secret: variable " + name + " is not set");
    return std::string(value);
  }
  std::optional<std::string> value = read_file(name);
  if (!value) return fail(ErrorKind::config, "secret: file " + name + " cannot be read");
  while (!value->empty() && (value->back() == '\n' || value->back() == '\r')) value->pop_back();
  if (value->empty()) return fail(ErrorKind::config, "secret: file " + name + " is empty");
  return *std::move(value);
}

const Options::Entry& Options::entry(std::string_view name) const {
  const auto found = entries_.find(name);
  assert(found != entries_.end() && "the option is not in the component's table");
  return found->second;
}

bool Options::is_given(std::string_view name) const { return entry(name).given; }

const std::string& Options::text(std::string_view name) const { return entry(name).node.scalar; }

std::int64_t Options::integer(std::string_view name) const {
  std::int64_t value = 0;
  const bool is_number = parse_integer(entry(name).node.scalar, value);
  return is_number ? value : 0;
}

bool Options::boolean(std::string_view name) const {
  bool value = false;
  return parse_boolean(entry(name).node.scalar, value) && value;
}

Secret Options::secret(std::string_view name) const { return Secret(entry(name).node.scalar); }

std::vector<std::string> Options::list(std::string_view name) const {
  const ConfigNode& node = entry(name).node;
  if (node.type == ConfigNode::Type::scalar) return {node.scalar};
  std::vector<std::string> values;
  for (const ConfigNode& item : node.items) values.push_back(item.scalar);
  return values;
}

std::vector<std::pair<std::string, std::string>> Options::map(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> values;
  for (const ConfigMember& member : entry(name).node.members) {
    values.emplace_back(member.key, member.value.scalar);
  }
  return values;
}

const ConfigNode& Options::node(std::string_view name) const { return entry(name).node; }

Where Options::where(std::string_view name) const {
  const Entry& found = entry(name);
  return found.given ? found.node.where : where_;
}

Options read_options(const ConfigNode& map, std::span<const OptionSpec> table,
                     std::span<const std::string_view> also_known, Diagnostics& diagnostics) {
  Options options;
  options.where_ = map.where;
  const bool is_map = map.type == ConfigNode::Type::map;
  if (!is_map) {
    diagnostics.error(map.where, "expected a map, not " + std::string(name_of(map.type)));
  }
  for (const ConfigMember& member : map.members) {
    report_unknown(member, table, also_known, diagnostics);
  }
  for (const OptionSpec& spec : table) {
    const ConfigNode* given = map.find(spec.name);
    if (given != nullptr) check_value(spec, *given, diagnostics);
    if (is_map && given == nullptr && spec.required) {
      diagnostics.error(map.where, "the key " + in_quotes(spec.name) + " is missing");
    }
    options.entries_.emplace(
        spec.name,
        Options::Entry{given ? *given : default_node(spec, map.where), given != nullptr});
  }
  return options;
}

}  // namespace copybridge
