// Configuration text with places: a YAML file as a tree whose every node knows file, line and
// column, so that every mistake is reported where it stands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"

namespace copybridge {

struct ConfigMember;

/// One node. Scalars keep their text as written; whether it is a number is the reader's question.
struct ConfigNode {
  /// null: nothing stands there, or the word `null` or `~`, which `scalar` then holds.
  enum class Type : std::uint8_t { null, scalar, list, map };

  Type type = Type::null;
  bool is_quoted = false;  ///< the scalar was written in quotes
  std::string scalar;
  std::vector<ConfigNode> items;      ///< of a list
  std::vector<ConfigMember> members;  ///< of a map, in the order written
  Where where;

  /// The member of a map with that key; null where there is none or this is no map.
  [[nodiscard]] const ConfigNode* find(std::string_view key) const;
};

/// A key of a map and its value.
struct ConfigMember {
  std::string key;
  Where where;
  ConfigNode value;
};

/// Parses one YAML document in UTF-8; a byte order mark is no part of it. Syntax mistakes,
/// duplicate keys, anchors and a second document are reported; the tree is then not to be used.
[[nodiscard]] ConfigNode parse_yaml(std::string_view text, const std::string& file_name,
                                    Diagnostics& diagnostics);

/// Reads and parses a file; `text`, where given, receives what was read (for digests).
[[nodiscard]] ConfigNode load_yaml(const std::filesystem::path& path, Diagnostics& diagnostics,
                                   std::string* text = nullptr);

/// The whole of a file; nothing where it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

/// "list" or "a map": for messages.
[[nodiscard]] std::string_view name_of(ConfigNode::Type type);

/// The candidate that is nearest to `word` by edit distance, for "did you mean"; empty where none
/// is near.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string_view>& candidates);

}  // namespace copybridge
