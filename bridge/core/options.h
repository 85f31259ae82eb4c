// Option tables: one row per option of a component. The table parses the configuration, rejects
// what it does not know, and prints the reference (`copybridge components`).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/config.h"
#include "bridge/core/diagnostics.h"

namespace copybridge {

enum class OptionType : std::uint8_t {
  text,
  integer,    ///< min..max of the row; the name carries the unit (`publish_timeout_ms`)
  boolean,    ///< yes/no/true/false
  choice,     ///< one of `choices`
  secret,     ///< `${env:NAME}` or `${file:PATH}`, never the secret itself
  text_list,  ///< a list, or a single value
  text_map,   ///< a map of single values; values may be secrets
  node        ///< structured; the component reads it itself
};

/// One row of a component's option table.
struct OptionSpec {
  std::string_view name = {};
  OptionType type = OptionType::text;
  std::string_view default_value = {};  ///< as it would be written; empty: none
  bool required = false;
  std::string_view help = {};     ///< one sentence, for the reference
  std::string_view choices = {};  ///< choice: "a|b|c"
  std::int64_t min = 0;           ///< integer
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// One table of several: a component's own rows and those it shares with others.
template <std::size_t... N>
[[nodiscard]] constexpr std::array<OptionSpec, (N + ...)> join_options(
    const OptionSpec (&... tables)[N]) {
  std::array<OptionSpec, (N + ...)> joined{};
  std::size_t next = 0;
  const auto add = [&](std::span<const OptionSpec> table) {
    for (const OptionSpec& row : table) joined[next++] = row;
  };
  (add(tables), ...);
  return joined;
}

/// A reference to a secret. The value is read when it is used, so that a rotated file counts.
class Secret {
 public:
  Secret() = default;
  /// Takes `${env:NAME}`, `${file:PATH}` or, for text_map values that hold no secret, plain text.
  explicit Secret(std::string reference) : reference_(std::move(reference)) {}

  [[nodiscard]] bool is_empty() const { return reference_.empty(); }
  /// `${env:NAME}` or `${file:PATH}`, for whoever resolves it later.
  [[nodiscard]] const std::string& reference() const { return reference_; }
  /// The value; a trailing line end of a file is dropped. ErrorKind::config naming the variable
  /// or file where there is none. Never log what this returns.
  [[nodiscard]] Result<std::string> resolve() const;
  /// Whether text has the form of a reference.
  [[nodiscard]] static bool is_reference(std::string_view text);

 private:
  std::string reference_;
};

/// The values of a component after its table has read them: every option of the table has a
/// value or its default. Asking for a name that is not in the table, or as another type, is a bug.
class Options {
 public:
  /// Whether the configuration names the option itself.
  [[nodiscard]] bool is_given(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] Secret secret(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> map(std::string_view name) const;
  [[nodiscard]] const ConfigNode& node(std::string_view name) const;
  /// Of the option's value, or of the component where the option is not given.
  [[nodiscard]] Where where(std::string_view name) const;

 private:
  friend Options read_options(const ConfigNode&, std::span<const OptionSpec>,
                              std::span<const std::string_view>, Diagnostics&);
  struct Entry {
    ConfigNode node;
    bool given = false;
  };
  [[nodiscard]] const Entry& entry(std::string_view name) const;

  std::map<std::string, Entry, std::less<>> entries_;
  Where where_;
};

/// Reads a map by its table: unknown keys (with the nearest known one), missing required ones,
/// wrong types, numbers out of range and literal secrets are reported at their place. `also_known`
/// are keys that somebody else reads ("kind").
[[nodiscard]] Options read_options(const ConfigNode& map, std::span<const OptionSpec> table,
                                   std::span<const std::string_view> also_known,
                                   Diagnostics& diagnostics);

/// Parses yes/no/true/false/on/off; false where it is none of them.
[[nodiscard]] bool parse_boolean(std::string_view text, bool& value);
/// Parses a whole decimal number with an optional sign; false where it is none.
[[nodiscard]] bool parse_integer(std::string_view text, std::int64_t& value);

}  // namespace copybridge
